import { Button, Title } from '@mantine/core'

export default function HomePage() {
  return (
    <main>
      <Title>Bureau</Title>
      <Button>Explore</Button>
    </main>
  )
}
