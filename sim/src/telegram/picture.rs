//! What an uploaded file is: its type, and the size of a picture, read from its first bytes.

/// MIME type, ending, and width and height when it is a picture that Telegram takes as a photo.
pub(crate) fn sniff(bytes: &[u8]) -> (&'static str, &'static str, Option<(u32, u32)>) {
    if let Some(size) = png(bytes) {
        return ("image/png", "png", Some(size));
    }
    if let Some(size) = jpeg(bytes) {
        return ("image/jpeg", "jpg", Some(size));
    }
    match std::str::from_utf8(bytes) {
        Ok(_) => ("text/plain", "txt", None),
        Err(_) => ("application/octet-stream", "bin", None),
    }
}

/// Size in the IHDR chunk, which stands first (PNG specification, 11.2.1).
fn png(bytes: &[u8]) -> Option<(u32, u32)> {
    let header = bytes.get(..24)?.strip_prefix(b"\x89PNG\r\n\x1a\n")?;
    let number = |at: usize| header.get(at..at + 4)?.try_into().ok().map(u32::from_be_bytes);
    (header.get(4..8)? == b"IHDR").then(|| Some((number(8)?, number(12)?)))?
}

/// Size in the first start-of-frame segment (ITU T.81, B.2.2).
fn jpeg(bytes: &[u8]) -> Option<(u32, u32)> {
    let mut at = bytes.starts_with(b"\xFF\xD8").then_some(2)?;
    loop {
        let segment = bytes.get(at..at + 9)?;
        let length = usize::from(u16::from_be_bytes([segment[2], segment[3]]));
        match segment[1] {
            0xC0..=0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF => {
                let side = |at: usize| u32::from(u16::from_be_bytes([segment[at], segment[at + 1]]));
                return Some((side(7), side(5)));
            }
            _ if segment[0] != 0xFF => return None,
            _ => at += 2 + length,
        }
    }
}
