import { runGoldenScripts } from '../../testing/golden-script.ts';
import { MvccScript } from '../../testing/mvcc-script.ts';

runGoldenScripts(new URL('testdata/', import.meta.url), () => new MvccScript());
