'use client'
import { qrMatrix, qrPath } from '../../lib/qr.ts'

/** A text as a QR code. Always dark on light, whatever the page's colours: cameras read it inverted badly. Nothing when the
 * text is too long for one; the same stands beside it to be typed. */
export function QrCode({ text, label }: { readonly text: string; readonly label: string }) {
  const matrix = qrMatrix(text)
  if (matrix === null) return null
  const side = matrix.length + 8
  return (
    <svg
      viewBox={`0 0 ${side} ${side}`}
      width={208}
      height={208}
      role="img"
      aria-label={label}
      shapeRendering="crispEdges"
    >
      <rect width={side} height={side} rx={2} fill="#fff" />
      <path d={qrPath(matrix)} fill="#000" />
    </svg>
  )
}
