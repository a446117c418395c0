import { runGoldenScripts } from '../../testing/golden-script.ts';
import { SqlWorld } from '../../testing/sql-world.ts';

runGoldenScripts(new URL('./testdata/', import.meta.url), () => new SqlWorld());
