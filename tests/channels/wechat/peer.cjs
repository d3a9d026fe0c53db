// WeChat's safe mode by two libraries of others. stdin: {"library", "do", token, key, id, …}; stdout: JSON.
const ask = JSON.parse(require("fs").readFileSync(0, "utf8"));
function old() {
  const Crypt = require("wechat-crypto");
  const crypt = new Crypt(ask.token, ask.key, ask.id);
  return {
    encrypt: (text) => crypt.encrypt(text),
    decrypt: (text) => crypt.decrypt(text),
    sign: (encrypted) => crypt.getSignature(ask.timestamp, ask.nonce, encrypted),
  };
}
function wecom() {
  const { encrypt, decrypt, getSignature } = require("@wecom/crypto");
  return {
    encrypt: (text) => encrypt(ask.key, text, ask.id),
    decrypt: (text) => decrypt(ask.key, text),
    sign: (encrypted) => getSignature(ask.token, ask.timestamp, ask.nonce, encrypted),
  };
}
const crypt = ask.library === "wechat-crypto" ? old() : wecom();
const made =
  ask.do === "seal"
    ? ((encrypted) => ({ encrypted, signature: crypt.sign(encrypted) }))(crypt.encrypt(ask.text))
    : { ...crypt.decrypt(ask.encrypted), signature: crypt.sign(ask.encrypted) };
process.stdout.write(JSON.stringify(made));
