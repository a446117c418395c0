import { expect, test } from 'vitest';
import { installPackage } from './system-package.ts';

test('a package is installed after the list of packages, without a question, one at a time', () => {
  const commands: string[] = [];
  installPackage('sl', (...command) => commands.push(command.join(' ')));
  expect(commands).toHaveLength(1);
  const apt = 'DEBIAN_FRONTEND=noninteractive apt-get -qq';
  expect(commands[0]).toContain(`sh -c ${apt} update && ${apt} install -y`);
  expect(commands[0]).toMatch(/flock .*\.lock sh .* sl$/);
});

test('a package that cannot be installed is an error that names it', () => {
  const refuse = (): never => {
    throw new Error('apt-get: not found');
  };
  expect(() => installPackage('sl', refuse)).toThrow('a test needs sl, and apt-get cannot');
});
