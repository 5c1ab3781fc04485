import { Text, Title } from '@mantine/core'
import { Page } from '../../components/shell/page.tsx'
import { LinkButton } from '../../components/ui/link-button.tsx'

export default function StartPage() {
  return (
    <Page>
      <Title>Bureau</Title>
      <Text my="md">Agents that do one thing well: see what each costs, run it, keep the result.</Text>
      <LinkButton href="/agents">Explore agents</LinkButton>
    </Page>
  )
}
