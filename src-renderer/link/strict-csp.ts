// Must be the first import of the bundle: keeps zod from probing `new Function`, which `script-src 'self'` forbids and reports.
import { config } from 'zod';

config({ jitless: true });
