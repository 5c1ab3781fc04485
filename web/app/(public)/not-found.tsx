import { Page } from '../../components/shell/page.tsx'
import { NothingHere } from '../../components/states/nothing-here.tsx'

/** Inside the frame that its layout has drawn. */
export default function NotFound() {
  return (
    <Page isNarrow>
      <NothingHere />
    </Page>
  )
}
