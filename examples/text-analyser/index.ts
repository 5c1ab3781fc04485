import { defineAgent } from 'bureau'
import { z } from 'zod'
import { measure, sectionsOf } from './measure-text.ts'

const measures = z.object({
  words: z.number().int(),
  sentences: z.number().int(),
  readingEase: z.number().describe('Flesch, 0 (hard) to 100 (easy); made for English'),
  minutes: z.number().describe('To read, at 230 words a minute'),
  keywords: z.array(z.object({ word: z.string(), count: z.number().int() })),
})

/** Measures a text section by section, and tells each as soon as it is known. */
export default defineAgent({
  name: 'Text analyser',
  description:
    'Reads a text section by section: words, sentences, reading ease, time to read, keywords. Each section is told as soon as it is measured; the whole comes at the end.',
  category: 'text',
  icon: 'file-text',
  input: z.object({ text: z.string().min(1).max(2_000_000), keywords: z.number().int().min(0).max(20).default(5) }),
  output: measures.extend({ sections: z.number().int() }),
  price: { run: '0.5', events: { section: '0.02' }, max: '5' },
  limits: { timeoutMs: 30_000, memoryMb: 256 },
  idempotent: true,
  streams: true,
  examples: [
    {
      name: 'Two short sections',
      input: {
        text: '# The sea\n\nThe sea was calm. Nobody spoke. A gull flew by.\n\n# The harbour\n\nNotwithstanding considerable meteorological uncertainty, the harbour administration authorised immediate departure.',
      },
    },
  ],
  async *run({ text, keywords }, ctx) {
    const sections = sectionsOf(text)
    for (const [n, section] of sections.entries()) {
      ctx.charge('section')
      yield { section: n + 1, of: sections.length, title: section.title, ...measure(section.text, keywords) }
      ctx.progress((n + 1) / sections.length, section.title)
    }
    return { ...measure(text, keywords), sections: sections.length }
  },
})
