//! A link as a picture that a phone's camera reads.

use qrcode::{Color, EcLevel, QrCode};

/// Modules of white around the code, as ISO/IEC 18004 asks for.
const QUIET: usize = 4;
/// The picture is at least this wide, so that it is sharp on every screen.
const WIDTH: usize = 512;

/// The text does not fit into a QR code (about 2,300 bytes at level M).
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("the text is too long for a QR code")]
pub struct TooLong;

/// `text` as a PNG picture, black on white, error correction level M (15 %).
///
/// # Errors
/// `TooLong`.
pub fn png(text: &str) -> Result<Vec<u8>, TooLong> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).map_err(|_| TooLong)?;
    let modules = code.width() + 2 * QUIET;
    let scale = WIDTH.div_ceil(modules);
    let side = modules * scale;
    let is_dark = |x: usize, y: usize| {
        let inside =
            |pixel: usize| (pixel / scale).checked_sub(QUIET).filter(|module| *module < code.width());
        matches!((inside(x), inside(y)), (Some(x), Some(y)) if code[(x, y)] == Color::Dark)
    };
    // One bit a pixel, rows padded to whole bytes, 1 is white.
    let row = side.div_ceil(8);
    let mut pixels = vec![0_u8; row * side];
    for y in 0..side {
        for x in (0..side).filter(|x| !is_dark(*x, y)) {
            pixels[y * row + x / 8] |= 0x80 >> (x % 8);
        }
    }
    let mut picture = Vec::new();
    let side = u32::try_from(side).expect("a code has at most 177 modules");
    let mut encoder = png::Encoder::new(&mut picture, side, side);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::One);
    let mut writer = encoder.write_header().expect("writing into memory cannot fail");
    writer.write_image_data(&pixels).expect("the buffer has the picture's size");
    writer.finish().expect("writing into memory cannot fail");
    Ok(picture)
}

/// A code as one path of an SVG picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    /// Width and height of the picture in modules, with the white around the code.
    pub side: usize,
    /// The dark modules, as the `d` of a `path`.
    pub dark: String,
}

/// `text` as a path, error correction level M (15 %): sharp at any size, and without a picture to load.
///
/// # Errors
/// `TooLong`.
pub fn path(text: &str) -> Result<Path, TooLong> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).map_err(|_| TooLong)?;
    let mut dark = String::new();
    for y in 0..code.width() {
        let mut x = 0;
        while x < code.width() {
            let start = x;
            while x < code.width() && code[(x, y)] == Color::Dark {
                x += 1;
            }
            if x > start {
                let run = x - start;
                dark.push_str(&format!("M{} {}h{run}v1h-{run}z", start + QUIET, y + QUIET));
            }
            x += 1;
        }
    }
    Ok(Path { side: code.width() + 2 * QUIET, dark })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_picture_carries_the_code_with_its_quiet_zone() {
        let link = "https://vpn.example.com/sub/dGVzdA";
        let picture = png(link).unwrap();
        let mut reader = png::Decoder::new(std::io::Cursor::new(&picture)).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        assert!(info.width >= 512 && info.width == info.height);
        let code = QrCode::with_error_correction_level(link, EcLevel::M).unwrap();
        let scale = info.width as usize / (code.width() + 8);
        let white = |x: usize, y: usize| pixels[y * info.line_size + x / 8] & (0x80 >> (x % 8)) != 0;
        for y in 0..code.width() + 8 {
            for x in 0..code.width() + 8 {
                let outside = |n: usize| n < 4 || n >= code.width() + 4;
                let dark = !outside(x) && !outside(y) && code[(x - 4, y - 4)] == Color::Dark;
                assert_eq!(white(x * scale + scale / 2, y * scale + scale / 2), !dark, "module {x},{y}");
            }
        }
        assert!(picture.len() < 10_000, "{}", picture.len());
    }

    #[test]
    fn the_path_covers_the_same_modules() {
        let link = "https://vpn.example.com/sub/dGVzdA";
        let code = QrCode::with_error_correction_level(link, EcLevel::M).unwrap();
        let path = path(link).unwrap();
        let mut covered = vec![false; path.side * path.side];
        for run in path.dark.split('M').skip(1) {
            let (place, rest) = run.split_once('h').unwrap();
            let (x, y) = place.split_once(' ').unwrap();
            let (x, y): (usize, usize) = (x.parse().unwrap(), y.parse().unwrap());
            let length: usize = rest.split_once('v').unwrap().0.parse().unwrap();
            covered[y * path.side + x..][..length].fill(true);
        }
        for (at, covered) in covered.into_iter().enumerate() {
            let (x, y) = (at % path.side, at / path.side);
            let inside = |n: usize| n.checked_sub(4).filter(|n| *n < code.width());
            let dark = matches!((inside(x), inside(y)), (Some(x), Some(y)) if code[(x, y)] == Color::Dark);
            assert_eq!(covered, dark, "module {x},{y}");
        }
    }

    #[test]
    fn a_text_that_does_not_fit_is_no_panic() {
        assert_eq!(path(&"x".repeat(5_000)), Err(TooLong));
        assert_eq!(png(&"x".repeat(5_000)), Err(TooLong));
    }
}
