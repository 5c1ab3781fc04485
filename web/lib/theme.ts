import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from '@mantine/core'

/** Ink blue: the one accent. White text is readable on shade 6 and darker; shade 4 is readable on the dark canvas. */
const ink: MantineColorsTuple = [
  '#eff3ff',
  '#dee6fd',
  '#bccbf9',
  '#96adf4',
  '#7f9bf5',
  '#5577e8',
  '#3d60d6',
  '#2f4dba',
  '#263f97',
  '#1c2f70',
]
const gray: MantineColorsTuple = [
  '#f7f8fa',
  '#eff1f4',
  '#e4e7ec',
  '#d3d8df',
  '#bec5cf',
  '#8f98a5',
  '#666f7c',
  '#515965',
  '#343b45',
  '#1a1e24',
]
const dark: MantineColorsTuple = [
  '#e6e8ec',
  '#c4c9d1',
  '#a7aeb9',
  '#8b93a0',
  '#363b45',
  '#262a32',
  '#1d2027',
  '#17191f',
  '#101216',
  '#090a0c',
]
const red: MantineColorsTuple = [
  '#fff1f0',
  '#ffdedc',
  '#fcbab6',
  '#f7938d',
  '#f98780',
  '#e04b43',
  '#c9342c',
  '#b02820',
  '#8f1f19',
  '#6c1612',
]
const green: MantineColorsTuple = [
  '#ebf8f0',
  '#d3efdd',
  '#a7dfbb',
  '#74ca94',
  '#5cc083',
  '#2c9558',
  '#1e7d46',
  '#176738',
  '#12522d',
  '#0c3d21',
]
const amber: MantineColorsTuple = [
  '#fff7e6',
  '#fdebc8',
  '#f9d58e',
  '#f0b84d',
  '#e5a832',
  '#b57a0c',
  '#8f5f06',
  '#774e04',
  '#5f3e03',
  '#462d02',
]

const sans =
  'ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", Arial, sans-serif, "Apple Color Emoji", "Segoe UI Emoji"'

/** The look, in one place. System fonts: nothing to load, nothing that jumps. The names Mantine gives its colours lead to
 * ours, so that a component's default never brings in a colour that is too pale to read. */
export const theme = createTheme({
  colors: { ink, blue: ink, indigo: ink, gray, dark, red, green, teal: green, yellow: amber, orange: amber },
  primaryColor: 'ink',
  primaryShade: { light: 7, dark: 6 },
  black: '#14171c',
  fontFamily: sans,
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace',
  defaultRadius: 'md',
  radius: { xs: '0.25rem', sm: '0.375rem', md: '0.5rem', lg: '0.75rem', xl: '1.25rem' },
  spacing: { xs: '0.5rem', sm: '0.75rem', md: '1rem', lg: '1.5rem', xl: '2.25rem' },
  fontSizes: { xs: '0.8125rem', sm: '0.875rem', md: '0.9375rem', lg: '1.0625rem', xl: '1.25rem' },
  respectReducedMotion: true,
  cursorType: 'pointer',
  headings: {
    fontFamily: sans,
    fontWeight: '640',
    textWrap: 'balance',
    sizes: {
      h1: { fontSize: '1.75rem', lineHeight: '1.2' },
      h2: { fontSize: '1.25rem', lineHeight: '1.3' },
      h3: { fontSize: '1.0625rem', lineHeight: '1.4' },
      h4: { fontSize: '0.9375rem', lineHeight: '1.45' },
    },
  },
  components: {
    // As plain objects, because `extend` of each component would load the component on every page.
    Paper: { defaultProps: { radius: 'lg', withBorder: true } },
    Badge: { defaultProps: { tt: 'none', fw: 550 } },
    Table: { defaultProps: { verticalSpacing: 'sm', horizontalSpacing: 'md' } },
    TextInput: { defaultProps: { size: 'md' } },
    PasswordInput: { defaultProps: { size: 'md' } },
    Modal: { defaultProps: { radius: 'lg', centered: true } },
    Tooltip: { defaultProps: { withArrow: true, openDelay: 300, events: { hover: true, focus: true, touch: false } } },
  },
})

/** Where Mantine's own choice is too pale for WCAG AA (dimmed text, placeholders, errors, text that is disabled), and what
 * is ours: the canvas behind panels, lines, tints. By scheme here and not by `light-dark()` in the style sheets: the bundler
 * rewrites that for old browsers and then no longer knows which scheme Mantine has chosen. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': 'var(--mantine-color-gray-7)',
    '--mantine-color-placeholder': 'var(--mantine-color-gray-6)',
    '--mantine-color-error': 'var(--mantine-color-red-7)',
    '--mantine-color-success': 'var(--mantine-color-green-7)',
    '--mantine-color-disabled-color': 'var(--mantine-color-gray-6)',
    '--mantine-color-default-border': 'var(--mantine-color-gray-3)',
    '--bureau-canvas': 'var(--mantine-color-gray-0)',
    '--bureau-panel': '#fff',
    '--bureau-line': 'var(--mantine-color-gray-2)',
    '--bureau-hover': 'var(--mantine-color-gray-1)',
    '--bureau-tint': 'var(--mantine-color-ink-0)',
    '--bureau-tint-strong': 'var(--mantine-color-ink-1)',
    '--bureau-tint-text': 'var(--mantine-color-ink-8)',
    '--bureau-bad-line': 'var(--mantine-color-red-2)',
    '--bureau-bad-tint': 'var(--mantine-color-red-0)',
    '--bureau-good-line': 'var(--mantine-color-green-2)',
    '--bureau-good-tint': 'var(--mantine-color-green-0)',
    '--bureau-warn-tint': 'var(--mantine-color-yellow-0)',
    '--bureau-good': 'var(--mantine-color-green-7)',
    '--bureau-bad': 'var(--mantine-color-red-7)',
    '--bureau-warn': 'var(--mantine-color-yellow-7)',
  },
  dark: {
    '--mantine-color-dimmed': 'var(--mantine-color-dark-2)',
    '--mantine-color-placeholder': 'var(--mantine-color-dark-3)',
    '--mantine-color-error': 'var(--mantine-color-red-4)',
    '--mantine-color-success': 'var(--mantine-color-green-4)',
    '--mantine-color-disabled-color': 'var(--mantine-color-dark-3)',
    '--bureau-canvas': 'var(--mantine-color-dark-8)',
    '--bureau-panel': 'var(--mantine-color-dark-7)',
    '--bureau-line': 'var(--mantine-color-dark-5)',
    '--bureau-hover': 'var(--mantine-color-dark-6)',
    '--bureau-tint': 'var(--mantine-color-dark-6)',
    '--bureau-tint-strong': 'var(--mantine-color-ink-9)',
    '--bureau-tint-text': 'var(--mantine-color-ink-2)',
    '--bureau-bad-line': 'var(--mantine-color-red-8)',
    '--bureau-bad-tint': 'transparent',
    '--bureau-good-line': 'var(--mantine-color-green-8)',
    '--bureau-good-tint': 'transparent',
    '--bureau-warn-tint': 'var(--mantine-color-dark-6)',
    '--bureau-good': 'var(--mantine-color-green-4)',
    '--bureau-bad': 'var(--mantine-color-red-4)',
    '--bureau-warn': 'var(--mantine-color-yellow-4)',
  },
})
