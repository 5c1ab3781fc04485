import { page } from '../http/index.ts'

/** Shown while there is no site yet, or none any more. It asks again by itself. */
export const waitingPage = (): string =>
  page(
    'One moment',
    '<h1>One moment</h1><p>The pages of this site are being made. This one comes back by itself. Runs go on meanwhile, and the API at <a href="/docs">/docs</a> answers already.</p>',
  )
