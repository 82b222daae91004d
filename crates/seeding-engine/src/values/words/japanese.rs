//! Japanese words in Latin letters, so that they sort, print and fit everywhere; texts in Japanese
//! script, so that something does not.

use super::{Words, words};

pub(super) const WORDS: Words = Words {
    given: words! {
        "Aiko" "Akari" "Akira" "Ami" "Aoi" "Asuka" "Atsushi" "Ayaka" "Ayumi" "Chihiro"
        "Daichi" "Daiki" "Eiji" "Emi" "Fumiko" "Hana" "Haruka" "Haruto" "Hideo" "Hikari"
        "Hina" "Hiroki" "Hiroshi" "Honoka" "Itsuki" "Jun" "Kaito" "Kana" "Kaori" "Katsumi"
        "Kazuki" "Keiko" "Kenji" "Kenta" "Kiyoshi" "Kohei" "Koji" "Kumiko" "Mai" "Makoto"
        "Mana" "Masaru" "Mayumi" "Megumi" "Michiko" "Midori" "Miki" "Minato" "Misaki" "Miyu"
        "Mizuki" "Nana" "Naoki" "Naomi" "Noboru" "Noriko" "Osamu" "Reiko" "Ren" "Riku"
        "Rin" "Ryota" "Sakura" "Satoshi" "Sayaka" "Shiori" "Shota" "Sora" "Tadashi" "Takashi"
        "Takumi" "Tomoko" "Tsubasa" "Yoko" "Yota" "Yui" "Yuki" "Yuma" "Yuna" "Yusuke"
    },
    family: words! {
        "Abe" "Aoki" "Arai" "Ando" "Baba" "Chiba" "Endo" "Fujii" "Fujita" "Fujiwara"
        "Fukuda" "Goto" "Hara" "Harada" "Hasegawa" "Hashimoto" "Hayashi" "Higuchi" "Hirano" "Honda"
        "Hoshino" "Iida" "Ikeda" "Imai" "Inoue" "Ishida" "Ishii" "Ishikawa" "Ito" "Iwasaki"
        "Kaneko" "Kato" "Kawaguchi" "Kikuchi" "Kimura" "Kinoshita" "Kobayashi" "Kojima" "Kondo" "Kono"
        "Kubo" "Kudo" "Maeda" "Maruyama" "Masuda" "Matsuda" "Matsui" "Matsumoto" "Miura" "Miyamoto"
        "Miyazaki" "Mizuno" "Mori" "Morita" "Murakami" "Murata" "Nakagawa" "Nakajima" "Nakamura" "Nakano"
        "Nakayama" "Nishimura" "Noguchi" "Nomura" "Ogawa" "Okada" "Okamoto" "Ono" "Ota" "Otsuka"
        "Saito" "Sakai" "Sakamoto" "Sano" "Sasaki" "Sato" "Shibata" "Shimizu" "Sugawara" "Sugiyama"
        "Suzuki" "Takada" "Takagi" "Takahashi" "Takeda" "Tamura" "Tanaka" "Taniguchi" "Uchida" "Ueda"
        "Ueno" "Wada" "Watanabe" "Yamada" "Yamaguchi" "Yamamoto" "Yamashita" "Yokoyama" "Yoshida"
    },
    cities: words! {
        "Akita" "Aomori" "Asahikawa" "Chiba" "Fukuoka" "Fukushima" "Gifu" "Hakodate" "Hamamatsu"
        "Himeji" "Hiroshima" "Kagoshima" "Kanazawa" "Kawasaki" "Kobe" "Kochi" "Kumamoto" "Kyoto"
        "Matsumoto" "Matsuyama" "Nagano" "Nagasaki" "Nagoya" "Nara" "Niigata" "Okayama" "Osaka"
        "Sapporo" "Sendai" "Shizuoka" "Takamatsu" "Tokushima" "Tokyo" "Toyama" "Yokohama"
    },
    streets: words! {
        "Asahi-cho" "Aoba-dori" "Chuo" "Daikoku-cho" "Ekimae" "Fujimi" "Hanazono" "Higashi-machi"
        "Hikari-cho" "Honcho" "Izumi" "Kita-machi" "Kotobuki" "Matsubara" "Midori" "Minami-machi"
        "Misaki-cho" "Miyuki-dori" "Momiji" "Nishiki" "Sakae" "Sakuragi" "Shinmachi" "Suehiro" "Tokiwa"
        "Uguisu" "Wakaba" "Yanagi" "Yayoi" "Yoshino"
    },
    legal_forms: words! { "Co., Ltd." "G. K." "Holdings" "K. K." "Shokai" },
    title_starts: words! {
        "青い" "赤い" "新しい" "古い" "小さな" "大きな" "静かな" "遠い" "明るい" "白い"
        "長い" "短い" "最初の" "最後の" "春の" "夏の" "秋の" "冬の" "朝の" "夜の"
    },
    title_ends: words! {
        "物語" "手紙" "旅" "庭" "橋" "港" "島" "祭り" "音楽会" "教室"
        "地図" "約束" "質問" "散歩" "風景" "時間" "集まり" "舞台" "歌" "記録"
    },
    subjects: words! {
        "となりの人は" "ひとりの客は" "運転手は" "会場の全員が" "古い友人は" "最初の話し手は"
        "事務所のだれかが" "受付の人は" "新しい仲間は" "先生は" "委員会は" "半分の参加者が"
    },
    predicates: words! {
        "窓を開けた" "椅子を運んだ" "計画を変えた" "箱をもう一度数えた" "事情を説明した"
        "なくした鍵を見つけた" "伝言を残した" "道を思い出した" "長い話をした" "次のバスを待った"
        "すべてを書きとめた" "ほかの意見を求めた"
    },
    circumstances: words! {
        "昼食のあとで" "開場の前に" "休憩のあいだに" "今週三度目に" "雨の中で" "ちょうど間に合って"
        "帰り道で" "頼まれずに"
    },
};
