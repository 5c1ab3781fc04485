import { amountWords, creditWords } from '../../lib/credits.ts'
import { receiptLineWords, type Receipt } from '../../lib/price-words.ts'
import classes from './run.module.css'

/** Where each credit of a run went. */
export function ReceiptView({ receipt, isOver }: { readonly receipt: Receipt; readonly isOver: boolean }) {
  const isFree = receipt.paidBy === 'site'
  return (
    <table className={classes.receipt}>
      <caption className="sr-only">Receipt</caption>
      <tbody>
        <tr>
          <th scope="row">Set aside at the start</th>
          <td>{amountWords(receipt.held)}</td>
        </tr>
        {receipt.lines.map((line) => (
          <tr key={line.what}>
            <th scope="row">{receiptLineWords(line)}</th>
            <td>{amountWords(line.credits)}</td>
          </tr>
        ))}
        <tr data-total>
          <th scope="row">{isFree ? 'Charged to this site' : 'Charged'}</th>
          <td>{creditWords(receipt.charged)}</td>
        </tr>
        <tr>
          <th scope="row">{isOver ? 'Returned' : 'Returned so far'}</th>
          <td>{amountWords(receipt.returned)}</td>
        </tr>
        {isFree && (
          <tr data-total>
            <th scope="row">You pay</th>
            <td>nothing</td>
          </tr>
        )}
      </tbody>
    </table>
  )
}
