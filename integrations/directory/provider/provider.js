// An OpenID provider (panva's certified oidc-provider) with the people of the tests. What its next
// answers say otherwise than they should comes by POST /tell; POST /sign signs any claims with its
// key.
// usage: node provider.js PORT ADDRESS_OF_LATCHKEY
import { createServer } from "node:http";
import { SignJWT, exportJWK, generateKeyPair } from "jose";
import Provider from "oidc-provider";

const [port, desk] = process.argv.slice(2);
const issuer = `http://localhost:${port}`;

const people = {
  nora: { name: "Nora Nöhl", email: "nora@example.edu", groups: ["staff", "help-desk"] },
  pia: { name: "Pia Sample", email: "pia@example.edu", groups: ["staff"] },
  wild: { preferred_username: "*)(uid=*", name: "Wild Card", groups: [] },
};

let otherwise = {};

const { privateKey } = await generateKeyPair("RS256", { extractable: true });
const kid = "the-provider's";

const provider = new Provider(issuer, {
  jwks: { keys: [{ ...(await exportJWK(privateKey)), kid, use: "sig", alg: "RS256" }] },
  clients: [
    {
      client_id: "latchkey",
      client_secret: "latchkey's own secret",
      redirect_uris: [`${desk}/login/oidc/back`],
      post_logout_redirect_uris: [`${desk}/login`],
      backchannel_logout_uri: `${desk}/login/oidc/log-out`,
      backchannel_logout_session_required: true,
    },
  ],
  claims: {
    openid: ["sub"],
    profile: ["name", "preferred_username", "groups"],
    email: ["email", "email_verified"],
  },
  cookies: { keys: ["for tests only"] },
  features: {
    backchannelLogout: { enabled: true },
    devInteractions: { enabled: true },
    rpInitiatedLogout: { enabled: true },
  },
  pkce: { required: () => true },
  ttl: {
    AuthorizationCode: () => otherwise.codeSeconds ?? 60,
    Session: 3600,
    Interaction: 600,
    Grant: 3600,
    IdToken: 600,
    AccessToken: 600,
  },
  async findAccount(_, id) {
    const person = people[id];
    return (
      person && {
        accountId: id,
        claims: async () => ({ sub: id, preferred_username: id, ...person, ...otherwise.claims }),
      }
    );
  },
  // Nobody is asked what Latchkey may know of them.
  async loadExistingGrant({ oidc }) {
    const grant = new oidc.provider.Grant({
      clientId: oidc.client.clientId,
      accountId: oidc.session.accountId,
    });
    grant.addOIDCScope("openid profile email");
    await grant.save();
    return grant;
  },
});

const answer = provider.callback();
createServer(async (request, response) => {
  if (!["/tell", "/sign"].includes(request.url)) return answer(request, response);
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  const body = JSON.parse(Buffer.concat(pieces));
  if (request.url === "/tell") {
    otherwise = body;
    response.end();
  } else {
    // Signed by the provider's own key, whatever it says.
    response.end(
      await new SignJWT(body)
        .setProtectedHeader({ alg: "RS256", kid, typ: "logout+jwt" })
        .sign(privateKey),
    );
  }
}).listen(Number(port), "127.0.0.1", () => console.log(`provider at ${issuer}`));
