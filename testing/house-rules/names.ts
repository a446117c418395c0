import { isCode, type Rule } from './rule.ts';

const KEBAB_CASE = /^[a-z][a-z0-9]*(-[a-z0-9]+)*(\.[a-z]+)*\.tsx?$/;
const SAYS_NOTHING = /^(utils?|helpers?|types|common|misc|shared)\./;

/** A file is named after the one concept it holds. */
export const fileNames: Rule = {
  title: 'every file has a name in kebab-case that says what is in it',
  applies: isCode,
  check({ path }) {
    const name = path.split('/').at(-1) ?? path;
    if (KEBAB_CASE.test(name) && !SAYS_NOTHING.test(name)) return [];
    return [{ path, line: 1, message: `${name} is no name in kebab-case, or says nothing` }];
  },
};
