//! The mark of a row by a key that is not in the store: HMAC-SHA256 (RFC 2104) over the row's hash.
//! Whoever can write to the store and does not have the key can write rows with good hashes, and
//! none with a good mark. Tests: below, by RFC 4231.

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::engine::secret::{Secret, hex};

/// SHA-256 works on blocks of this many bytes.
const BLOCK: usize = 64;

/// The mark of a row with this hash.
pub(crate) fn mac(key: &Secret, hash: &str) -> String {
    hex(&hmac_sha256(key.expose().as_bytes(), hash.as_bytes()))
}

/// Whether it is the mark of a row with this hash.
pub(crate) fn is_mac(mark: &str, key: &Secret, hash: &str) -> bool {
    bool::from(mac(key, hash).as_bytes().ct_eq(mark.as_bytes()))
}

fn hmac_sha256(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut block = Zeroizing::new([0_u8; BLOCK]);
    if key.len() > BLOCK {
        block[..32].copy_from_slice(&Sha256::digest(key));
    } else {
        block[..key.len()].copy_from_slice(key);
    }
    let padded = |pad: u8| Zeroizing::new(block.map(|byte| byte ^ pad));
    let inner = Sha256::new().chain_update(*padded(0x36)).chain_update(message).finalize();
    Sha256::new().chain_update(*padded(0x5c)).chain_update(inner).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vectors_of_rfc_4231() {
        let long = "Test Using Larger Than Block-Size Key - Hash Key First";
        let vectors: [(&[u8], &[u8], &str); 4] = [
            (
                &[0x0b; 20],
                b"Hi There",
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
            ),
            (
                b"Jefe",
                b"what do ya want for nothing?",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            ),
            (
                &[0xaa; 20],
                &[0xdd; 50],
                "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
            ),
            (
                &[0xaa; 131],
                long.as_bytes(),
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
            ),
        ];
        for (key, message, expected) in vectors {
            assert_eq!(hex(&hmac_sha256(key, message)), expected);
        }
    }

    #[test]
    fn a_mark_holds_for_its_key_and_its_hash_alone() {
        let (key, other) = (Secret::new("k".repeat(32)), Secret::new("o".repeat(32)));
        let mark = mac(&key, "hash");
        assert!(is_mac(&mark, &key, "hash"));
        assert!(
            !is_mac(&mark, &other, "hash")
                && !is_mac(&mark, &key, "hasj")
                && !is_mac("", &key, "hash")
        );
    }
}
