import { runGoldenScripts } from '../../testing/golden-script.ts';
import { SessionWorld } from '../../testing/session-world.ts';
import { PROFILE_NAMES } from '../profiles.ts';

for (const profile of PROFILE_NAMES) {
  const folder = new URL(`./testdata/explain/${profile}/`, import.meta.url);
  runGoldenScripts(folder, () => new SessionWorld(profile));
}
