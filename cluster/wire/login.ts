import { SqlError } from '../errors.ts';
import { type Account, type AuthPlugin, type Digests, isSameProof, scramble } from './auth.ts';
import { ByteReader } from './byte-reader.ts';
import { type Login, readChangeUser, readLogin } from './handshake.ts';

/** What is to be done after a step of the login. */
export type LoginStep =
  /** The client begins with another plugin than its account's. */
  | { readonly kind: 'switch'; readonly plugin: AuthPlugin }
  | { readonly kind: 'denied'; readonly error: SqlError }
  /** `fast`: a proof was checked that caching_sha2_password's client wants to hear about. */
  | { readonly kind: 'welcome'; readonly login: Login; readonly fast: boolean };

/** Who may come in, and by what proof. */
export interface LoginOptions {
  readonly account: Account;
  readonly digests: Digests;
  readonly nonce: Uint8Array;
  /** Where the client says it comes from, for the error's text. */
  readonly peerHost: string;
}

/**
 * The conversation before the first command, without its packets' frames:
 *
 * ```
 *   greeting ─▶ response ─┬─▶ right proof ─▶ welcome
 *                         ├─▶ other plugin ─▶ switch ─▶ proof ─▶ welcome or denied
 *                         └─▶ wrong proof ─▶ denied
 * ```
 */
export class LoginConversation {
  private readonly options: LoginOptions;
  private login: Login | undefined = undefined;

  constructor(options: LoginOptions) {
    this.options = options;
  }

  /** The response to the greeting, or the proof after a switch. */
  step(payload: Uint8Array): LoginStep {
    if (this.login !== undefined) return this.judge({ ...this.login, proof: payload });
    return this.answer(readLogin(new ByteReader(payload)));
  }

  /** COM_CHANGE_USER: a response without a greeting. */
  changeUser(reader: ByteReader, capabilities: number): LoginStep {
    return this.answer(readChangeUser(reader, capabilities));
  }

  private answer(login: Login): LoginStep {
    const { plugin } = this.options.account;
    // A client that knows of no plugins has but the oldest, and cannot be told to switch.
    if (login.plugin === undefined) return this.judge(login, 'mysql_native_password');
    if (login.plugin === plugin) return this.judge(login);
    this.login = login;
    return { kind: 'switch', plugin };
  }

  private judge(login: Login, plugin = this.options.account.plugin): LoginStep {
    const { account, digests, nonce, peerHost } = this.options;
    const expected = scramble(plugin, account.password, nonce, digests);
    if (login.user === account.user && isSameProof(expected, login.proof)) {
      const fast = plugin === 'caching_sha2_password' && expected.length > 0;
      return { kind: 'welcome', login, fast };
    }
    const using = login.proof.length > 1 ? 'YES' : 'NO';
    const message = `Access denied for user '${login.user}'@'${peerHost}' (using password: ${using})`;
    return { kind: 'denied', error: new SqlError(1045, message) };
  }
}
