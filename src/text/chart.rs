//! Figures by day as a picture: new keys above, traffic below.
//!
//! The picture holds digits, dates and units alone; words stand in its caption, where every language has its letters and
//! its direction. The letters come from a part of DejaVu Sans (`chart/LICENSE-digits.txt`), since a server has no fonts.

use std::sync::Once;

use plotters::backend::BitMapBackend;
use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, IntoDrawingArea};
use plotters::element::{PathElement, Rectangle};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontStyle, IntoTextStyle, RGBColor, TextStyle, register_font};

use crate::domain::quota::{Bytes, GIB};
use crate::service::stats::Day;

use super::{Lang, T, number, time};

/// Pixels; Telegram shows it at this width on most screens.
const WIDTH: i32 = 1200;
const HEIGHT: i32 = 840;
/// Left and right of the bars.
const LEFT: i32 = 150;
const RIGHT: i32 = 1170;
/// Where the bars of each chart begin and end, from above.
const KEYS: (i32, i32) = (50, 370);
const TRAFFIC: (i32, i32) = (460, 780);
/// Height of the letters.
const LETTERS: i32 = 26;
/// Dates below a chart.
const DATES: usize = 8;

const PAPER: RGBColor = RGBColor(255, 255, 255);
const GRID: RGBColor = RGBColor(228, 231, 236);
const INK: RGBColor = RGBColor(84, 94, 108);
/// The colours of 🟦 and 🟩.
const BLUE: RGBColor = RGBColor(59, 130, 246);
const GREEN: RGBColor = RGBColor(34, 170, 95);

const FONT: &str = "digits";

type Area<'a> = DrawingArea<BitMapBackend<'a>, Shift>;

/// What is drawn cannot fail: it goes into memory, with letters that are part of the program.
const DRAWN: &str = "drawing into memory cannot fail";

/// The days as a PNG picture.
#[must_use]
pub fn png(t: &T, days: &[Day]) -> Vec<u8> {
    static LETTERS_ONCE: Once = Once::new();
    LETTERS_ONCE.call_once(|| {
        let font = register_font(FONT, FontStyle::Normal, include_bytes!("chart/digits.ttf"));
        assert!(font.is_ok(), "the font is part of the program");
    });
    let (width, height) = (WIDTH.unsigned_abs(), HEIGHT.unsigned_abs());
    let mut pixels = vec![0; 3 * width as usize * height as usize];
    {
        let area = BitMapBackend::with_buffer(&mut pixels, (width, height)).into_drawing_area();
        area.fill(&PAPER).expect(DRAWN);
        let keys: Vec<_> = days.iter().map(|day| Some(day.new_keys)).collect();
        chart(&area, KEYS, BLUE, &keys, 1, |value| number::whole(t, value));
        let traffic: Vec<_> = days.iter().map(|day| day.traffic).collect();
        chart(&area, TRAFFIC, GREEN, &traffic, unit(&traffic), |value| size(t, value));
        for (_, bottom) in [KEYS, TRAFFIC] {
            dates(&area, t, bottom, days);
        }
        area.present().expect(DRAWN);
    }
    encoded(&pixels, width, height)
}

fn encoded(pixels: &[u8], width: u32, height: u32) -> Vec<u8> {
    let mut picture = Vec::new();
    let mut encoder = png::Encoder::new(&mut picture, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().expect("writing into memory cannot fail");
    writer.write_image_data(pixels).expect("the buffer has the picture's size");
    writer.finish().expect("writing into memory cannot fail");
    picture
}

/// Bars over a grid, with what its lines mean at the left.
fn chart(
    area: &Area<'_>,
    (top, bottom): (i32, i32),
    colour: RGBColor,
    values: &[Option<u64>],
    unit: u64,
    label: impl Fn(u64) -> String,
) {
    let most = values.iter().flatten().copied().max().unwrap_or(0);
    let step = step(most.div_ceil(unit)).saturating_mul(unit);
    let lines = most.div_ceil(step).max(1);
    let y = |value: u64| {
        let share = u128::from(value) * u128::from((bottom - top).unsigned_abs())
            / u128::from(step.saturating_mul(lines)).max(1);
        bottom - i32::try_from(share).unwrap_or(bottom - top)
    };
    let ink = letters(HPos::Right, VPos::Center);
    for line in 0..=lines {
        let value = step.saturating_mul(line);
        area.draw(&PathElement::new(vec![(LEFT, y(value)), (RIGHT, y(value))], GRID.stroke_width(2)))
            .expect(DRAWN);
        area.draw_text(&label(value), &ink, (LEFT - 16, y(value))).expect(DRAWN);
    }
    for (at, value) in values.iter().enumerate() {
        // What is little is still to be seen.
        let Some(value) = value.filter(|value| *value > 0) else { continue };
        let (left, right) = slot(at, values.len());
        let gap = ((right - left) / 8).max(1);
        let bar = [(left + gap, y(value).min(bottom - 3)), (right - gap, bottom)];
        area.draw(&Rectangle::new(bar, colour.filled())).expect(DRAWN);
    }
}

/// The dates of some days below a chart, evenly spread; today's is always there.
fn dates(area: &Area<'_>, t: &T, bottom: i32, days: &[Day]) {
    let every = days.len().div_ceil(DATES).max(1);
    let ink = letters(HPos::Center, VPos::Top);
    for (at, day) in days.iter().enumerate().rev().step_by(every) {
        let (left, right) = slot(at, days.len());
        let below = (i32::midpoint(left, right), bottom + 16);
        area.draw_text(&time::day_in_digits(t, day.date), &ink, below).expect(DRAWN);
    }
}

/// From where to where the `at`th of `count` days goes.
fn slot(at: usize, count: usize) -> (i32, i32) {
    let edge = |at: usize| {
        let share = at * (RIGHT - LEFT).unsigned_abs() as usize / count.max(1);
        LEFT + i32::try_from(share).unwrap_or(0)
    };
    (edge(at), edge(at + 1))
}

fn letters(across: HPos, down: VPos) -> TextStyle<'static> {
    (FONT, LETTERS, &INK)
        .into_text_style(&(WIDTH.unsigned_abs(), HEIGHT.unsigned_abs()))
        .pos(Pos::new(across, down))
}

/// How far apart the lines of a grid up to `most` lie: 1, 2 or 5 times a power of ten, for at most five lines.
fn step(most: u64) -> u64 {
    let mut power: u64 = 1;
    loop {
        for step in [1, 2, 5].map(|factor| power.saturating_mul(factor)) {
            if most.div_ceil(step) <= 5 {
                return step;
            }
        }
        power = power.saturating_mul(10);
    }
}

/// The unit in which the grid of traffic is even: a GiB, or, for little traffic, a MiB, for much a TiB.
fn unit(values: &[Option<Bytes>]) -> Bytes {
    match values.iter().flatten().max() {
        Some(most) if *most >= 2 << 40 => 1 << 40,
        Some(most) if *most < 2 * GIB => 1 << 20,
        _ => GIB,
    }
}

/// A size in letters that the font has, and that stand beside digits in any direction.
fn size(t: &T, bytes: Bytes) -> String {
    let names = match t.lang() {
        Lang::En | Lang::Fa => ["MB", "GB", "TB"],
        Lang::Ru => ["МБ", "ГБ", "ТБ"],
    };
    let (unit, name) = match bytes {
        0 => return number::whole(t, 0),
        1..GIB => (1 << 20, names[0]),
        GIB..0x100_0000_0000 => (GIB, names[1]),
        _ => (1 << 40, names[2]),
    };
    #[expect(clippy::cast_precision_loss, reason = "shown with one decimal")]
    let amount = bytes as f64 / unit as f64;
    format!("{} {name}", number::decimal(t.lang(), amount, 1))
}

#[cfg(test)]
mod tests {
    use chrono::{Days, NaiveDate};

    use super::super::Words;
    use super::*;

    fn days(values: impl IntoIterator<Item = (u64, Option<Bytes>)>) -> Vec<Day> {
        let first = NaiveDate::from_ymd_opt(2026, 11, 1).unwrap();
        let day = |(at, (new_keys, traffic))| Day { date: first + Days::new(at), new_keys, traffic };
        (0..).zip(values).map(day).collect()
    }

    /// The picture's pixels.
    fn drawn(t: &T, days: &[Day]) -> impl Fn(i32, i32) -> (u8, u8, u8) + use<> {
        let picture = png(t, days);
        let mut reader = png::Decoder::new(std::io::Cursor::new(picture)).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        assert_eq!((info.width, info.height), (WIDTH.unsigned_abs(), HEIGHT.unsigned_abs()));
        move |x, y| {
            let at = 3 * usize::try_from(y * WIDTH + x).unwrap();
            (pixels[at], pixels[at + 1], pixels[at + 2])
        }
    }

    /// How high the bar of each day stands, in pixels.
    fn heights(
        pixel: &impl Fn(i32, i32) -> (u8, u8, u8),
        (top, bottom): (i32, i32),
        RGBColor(r, g, b): RGBColor,
        count: usize,
    ) -> Vec<i32> {
        let height = |at| {
            let (left, right) = slot(at, count);
            let middle = i32::midpoint(left, right);
            let of_bar = (top..bottom).filter(|y| pixel(middle, *y) == (r, g, b)).count();
            i32::try_from(of_bar).unwrap()
        };
        (0..count).map(height).collect()
    }

    #[test]
    fn bars_are_as_high_as_their_days() {
        let words = Words::load(chrono_tz::UTC);
        let days = days([
            (4, Some(100 * GIB)),
            (0, None),
            (2, Some(0)),
            (1, Some(50 * GIB)),
            (5, Some(25 * GIB)),
            (5, Some(1)),
            (3, Some(75 * GIB)),
        ]);
        for lang in Lang::ALL {
            let pixel = drawn(words.of(lang), &days);
            let keys = heights(&pixel, KEYS, BLUE, 7);
            assert_eq!(keys, [256, 0, 128, 64, 320, 320, 192], "five lines over 320 pixels");
            let traffic = heights(&pixel, TRAFFIC, GREEN, 7);
            assert_eq!(
                traffic,
                [320, 0, 0, 160, 80, 3, 240],
                "not known and nothing have no bar, little has one"
            );
            // Something is written at each end of the grid, and below.
            for (x, y) in [(0..LEFT, KEYS), (0..LEFT, TRAFFIC)] {
                for line in [y.0, y.1] {
                    let written =
                        x.clone().any(|x| (line - 8..line + 8).any(|y| pixel(x, y) != (255, 255, 255)));
                    assert!(written, "{lang:?}: no figure at {line}");
                }
            }
            let below = (LEFT..RIGHT).any(|x| pixel(x, KEYS.1 + 28) != (255, 255, 255));
            assert!(below, "{lang:?}: no dates");
        }
    }

    #[test]
    fn a_quarter_and_an_empty_week_are_drawn_too() {
        let words = Words::load(chrono_tz::UTC);
        let some = |at: u64| (at * 7 % 23, (at % 11 != 5).then_some((300 + at * at % 170) * 9 * GIB));
        for lang in Lang::ALL {
            let pixel = drawn(words.of(lang), &days((0..90).map(some)));
            let bars = heights(&pixel, TRAFFIC, GREEN, 90).into_iter().filter(|height| *height > 0).count();
            assert_eq!(bars, (0..90).filter(|at| at % 11 != 5).count());
            let pixel = drawn(words.of(lang), &days((0..30).map(some)));
            assert_eq!(pixel(0, 0), (255, 255, 255));
        }
        assert_eq!(drawn(words.of(Lang::En), &days([]))(0, 0), (255, 255, 255));
        let pixel = drawn(words.of(Lang::En), &days([(0, None); 8]));
        assert_eq!(heights(&pixel, KEYS, BLUE, 8), [0; 8]);
    }

    #[test]
    fn a_grid_has_round_figures_and_few_lines() {
        assert_eq!([0, 1, 5, 6, 10, 11, 26, 999].map(step), [1, 1, 1, 2, 2, 5, 10, 200]);
        assert!(u64::MAX.div_ceil(step(u64::MAX)) <= 5);
    }
}
