//! Long lists, a page at a time: `?page=2&per_page=50`.

use sea_orm::{ConnectionTrait, DbErr, Paginator, SelectorTrait};
use serde::{Deserialize, Serialize};

const DEFAULT_PER_PAGE: u32 = 20;
const MAX_PER_PAGE: u32 = 100;

/// Which part of a list the client asks for.
#[derive(Debug, Deserialize)]
pub(crate) struct Page {
    page: Option<u32>,
    per_page: Option<u32>,
}

/// One part of a list.
#[derive(Debug, Serialize)]
pub(crate) struct Listing<T> {
    items: Vec<T>,
    page: u32,
    per_page: u32,
    total: u64,
}

impl Page {
    /// The number of the page, from 1.
    pub(crate) fn number(&self) -> u32 {
        self.page.unwrap_or(1).max(1)
    }

    /// How many items a page has, within what one answer should carry.
    pub(crate) fn size(&self) -> u32 {
        self.per_page.unwrap_or(DEFAULT_PER_PAGE).clamp(1, MAX_PER_PAGE)
    }

    /// Reads this page of a list and counts the whole.
    pub(crate) async fn read<C, S>(
        &self,
        list: Paginator<'_, C, S>,
    ) -> Result<Listing<S::Item>, DbErr>
    where
        C: ConnectionTrait,
        S: SelectorTrait,
    {
        Ok(Listing {
            items: list.fetch_page(u64::from(self.number() - 1)).await?,
            page: self.number(),
            per_page: self.size(),
            total: list.num_items().await?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bounds(page: Option<u32>, per_page: Option<u32>) -> (u32, u32) {
        let page = Page { page, per_page };
        (page.number(), page.size())
    }

    #[test]
    fn the_first_page_is_the_default() {
        assert_eq!(bounds(None, None), (1, DEFAULT_PER_PAGE));
    }

    #[test]
    fn a_page_is_never_empty_nor_too_long() {
        assert_eq!(bounds(Some(0), Some(0)), (1, 1));
        assert_eq!(bounds(Some(7), Some(MAX_PER_PAGE + 1)), (7, MAX_PER_PAGE));
    }

    #[test]
    fn the_last_page_one_can_ask_for_fits_the_offset_of_postgresql() {
        let (number, size) = bounds(Some(u32::MAX), Some(u32::MAX));
        assert!(i64::try_from(u64::from(number) * u64::from(size)).is_ok());
    }
}
