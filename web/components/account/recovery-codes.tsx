'use client'
import { CopyText } from '../ui/copy-text.tsx'
import ui from '../ui/ui.module.css'
import { Button } from '../ui/button.tsx'

/** The way in when the phone is lost: shown once, so the button says that they are kept. */
export function RecoveryCodes({ codes, onKept }: { readonly codes: readonly string[]; readonly onKept: () => void }) {
  return (
    <div className={ui.form}>
      <div className={`${ui.notice} ${ui.good}`} role="status">
        <strong>Keep these recovery codes.</strong>
        <p>Each signs you in once when you have no authenticator. They are shown this once.</p>
      </div>
      <CopyText label="Codes" text={codes.join('\n')} />
      <div className={ui.buttons}>
        <Button onClick={onKept}>I have kept them</Button>
      </div>
    </div>
  )
}
