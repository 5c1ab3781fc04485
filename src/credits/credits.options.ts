import { z } from 'zod'
import { option } from '../platform/config.ts'
import { parseCredits } from './credits.ts'

export const creditsOptions = {
  welcomeMicro: option(
    'BUREAU_WELCOME_CREDITS',
    z
      .string()
      .regex(/^\d{1,12}(\.\d{1,6})?$/, 'must be an amount of credits, such as 5 or 2.5')
      .default('0')
      .transform(parseCredits),
    {
      why: 'Granted once to everybody who proves an e-mail address. Granted credits are spent first, and no creator is paid out for them.',
      unit: 'credits',
    },
  ),
}
