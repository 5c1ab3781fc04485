import { expect, test } from 'vitest'
import { csvField, signedAmount, statementCsv, statementLines, transferWords, type Transfer } from './statement.ts'

const run: Transfer = {
  operationId: '0193a000-0000-7000-8000-000000000001',
  leg: 0,
  type: 'capture',
  direction: 'out',
  from: 'granted',
  to: 'earned_granted',
  amount: '1.84',
  at: '2026-11-25T10:00:00.000Z',
}

test('each kind of transfer says what it was and which way the credits went', () => {
  expect(transferWords(run)).toBe('Run: share of the creator')
  expect(transferWords({ ...run, to: 'fees' })).toBe('Run: fee of this site')
  expect(transferWords({ ...run, direction: 'in' })).toBe('Earned by a run of your agent')
  expect(transferWords({ ...run, direction: 'within' })).toBe('Run of your own agent')
  expect(transferWords({ ...run, type: 'grant', direction: 'in' })).toBe('Given by this site')
  expect([signedAmount(run), signedAmount({ direction: 'in', amount: '5' })]).toEqual(['\u22121.84', '+5'])
})

test('what a run cost is one line, with who got how much of it', () => {
  const fee: Transfer = { ...run, leg: 1, to: 'fees', amount: '0.46' }
  const other: Transfer = { ...run, operationId: '0193a000-0000-7000-8000-000000000002', to: 'fees', amount: '1' }
  const grant: Transfer = { ...run, operationId: 'g', type: 'grant', direction: 'in', amount: '5' }
  expect(statementLines([other, fee, run, grant]).map(({ amount, shares }) => [amount, shares])).toEqual([
    ['1', null],
    ['2.3', '1.84 to its creator, 0.46 to this site'],
    ['5', null],
  ])
})

test('the file of the statement can be added up, and nothing in it is run as a formula', () => {
  const lines = statementCsv([run]).split('\r\n')
  expect(lines).toEqual([
    'at,what,direction,credits,operation',
    '2026-11-25T10:00:00.000Z,Run: share of the creator,out,-1.84,0193a000-0000-7000-8000-000000000001',
    '',
  ])
  expect(csvField('=HYPERLINK("x")')).toBe('"\'=HYPERLINK(""x"")"')
  expect(csvField('-2+3')).toBe("'-2+3")
  expect(csvField(' =1+1')).toBe("' =1+1")
  expect(csvField('-2.5')).toBe('-2.5')
})
