import { runGoldenScripts } from '../../testing/golden-script.ts';
import { RaftScript } from '../../testing/raft-script.ts';

runGoldenScripts(new URL('testdata/', import.meta.url), () => new RaftScript());
