/** The site's sign, as in app/icon.svg. Decoration: the name stands beside it. */
export function Mark({ size = 24 }: { readonly size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="8" fill="#2f4dba" />
      <path
        d="M10 8h7.2c3 0 4.8 1.5 4.8 3.9 0 1.7-.9 2.9-2.4 3.4 2 .4 3.2 1.8 3.2 3.9 0 2.9-2.1 4.8-5.5 4.8H10Z"
        fill="none"
        stroke="#fff"
        strokeWidth="2.6"
        strokeLinejoin="round"
      />
      <path d="M10 15.6h8" stroke="#fff" strokeWidth="2.6" strokeLinecap="round" />
    </svg>
  )
}
