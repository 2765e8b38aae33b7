// The options by which a source or sink reaches a Kafka cluster, and as whom.
import {
  boolean,
  choice,
  defaulted,
  either,
  list,
  optional,
  path,
  record,
  required,
  secret,
  string,
} from "../../../dsl/spec/options.ts";

const tlsOptions = {
  ca: optional(
    path(),
    "The certificates (PEM) of those who may vouch for the brokers, relative to the pipeline's file. Default: those that Node trusts.",
  ),
  cert: optional(path(), "The client's own certificate (PEM), for brokers that ask for one."),
  key: optional(secret(), 'The key (PEM) of `cert`, as in `key = file("client.key")`.'),
  server_name: optional(
    string(),
    "The name that the brokers' certificates bear. Default: the host that is connected to.",
  ),
};

const saslOptions = {
  mechanism: required(
    choice("plain", "scram_sha_256", "scram_sha_512", "oauthbearer"),
    "How the client shows who it is. PLAIN sends the password as it is: use it with `tls` only.",
  ),
  user: optional(string(), "The user's name, for PLAIN and SCRAM."),
  password: optional(secret(), "The user's password, for PLAIN and SCRAM."),
  token_url: optional(
    string(),
    "For `oauthbearer`: where the issuer hands out tokens (OAuth 2.0 client credentials, RFC 6749 section 4.4). A token is fetched anew before it expires.",
  ),
  client_id: optional(string(), "For `oauthbearer`: the client's name at the issuer."),
  client_secret: optional(secret(), "For `oauthbearer`: the client's secret at the issuer."),
  scope: optional(string(), "For `oauthbearer`: the scope to ask for."),
};

export const connectionOptions = {
  brokers: required(
    either(string(), list(string())),
    "Some brokers of the cluster, as `host:port`: a list, or a text with commas. The others are learned from these.",
  ),
  tls: defaulted(
    either(boolean(), record(tlsOptions)),
    false,
    "Encrypt connections, and check that the brokers are who they say. `true` trusts what Node trusts.",
  ),
  sasl: optional(record(saslOptions), "As whom to connect. Without it, the brokers must take strangers."),
};
