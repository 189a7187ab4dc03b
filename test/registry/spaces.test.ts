import { describeSpaces } from '../contracts/spaces.ts';
import { openTestClient } from '../support/registry/client.ts';
import { startEcr } from '../support/registry/ecr.ts';
import { startHarbor } from '../support/registry/harbor.ts';

describeSpaces('a Harbor', async ({ there = [], mayMake: mayCreate = true, mayAsk = true }) => {
  const projects = [...new Set(there.map((name) => name.split('/')[0] ?? name))];
  const harbor = await startHarbor({ projects, mayCreate, mayAsk });
  const { host, username, password } = harbor;
  const client = openTestClient({ credentials: { [host]: { type: 'password', username, password } } });
  return {
    registry: client.open(host),
    made: () => [...harbor.projects.keys()],
    received: () => harbor.log.count('PUT manifest') + harbor.log.count('PUT upload'),
    secrets: [password, Buffer.from(`${username}:${password}`).toString('base64')],
    [Symbol.asyncDispose]: async () => {
      await client[Symbol.asyncDispose]();
      await harbor[Symbol.asyncDispose]();
    },
  };
});

describeSpaces('Amazon ECR', async ({ there = [], mayMake = true, mayAsk = true }) => {
  const forbidden = [...(mayMake ? [] : ['CreateRepository']), ...(mayAsk ? [] : ['DescribeRepositories'])];
  const ecr = await startEcr({ repositories: there, forbidden });
  const client = openTestClient({ env: ecr.env, user: { env: ecr.env, home: '/nonexistent' } });
  return {
    registry: client.open(`http://${ecr.host}`),
    made: () => [...ecr.repositories],
    received: () => ecr.registry.log.count('PUT manifest') + ecr.registry.log.count('PUT upload'),
    secrets: ecr.secrets,
    [Symbol.asyncDispose]: async () => {
      await client[Symbol.asyncDispose]();
      await ecr[Symbol.asyncDispose]();
    },
  };
});
