#pragma once

#include <array>
#include <string_view>

// What people, places and goods are called in generated events: many scripts, apostrophes, quotes
// and a backslash, since real names have them and each has broken a pipeline once.
namespace events::publisher::samples {

struct Place {
    std::string_view country;
    std::string_view city;
};

inline constexpr std::array<std::string_view, 32> kGivenNames{
    "Anna",   "Lukas", "Zoë",     "José",           "Søren", "Łukasz", "Ayşe", "Đorđe", "Chloé",
    "Amélie", "Björn", "Siobhán", "Νίκος",          "Ольга", "Юрий",   "محمد", "فاطمة", "דוד",
    "अदिति",  "राहुल",  "さくら",  "健太",           "伟",    "丽娜",   "지훈", "สมชาย", "Thảo",
    "Kwame",  "Ngozi", "Nuʻu",    "Mary \"Molly\"", "Renée"};

inline constexpr std::array<std::string_view, 28> kFamilyNames{
    "Müller", "O'Brien",  "García",         "Nguyễn", "Smith",       "Åkesson", "Kowalski",
    "Yılmaz", "D’Angelo", "Ferreira",       "Παππάς", "Иванова",     "الحسن",   "כהן",
    "शर्मा",   "田中",     "佐藤",           "王",     "김",          "Okafor",  "van der Berg",
    "Dvořák", "Ionescu",  "Ó Súilleabháin", "Nagy",   "Smith-Jones", "López",   "Kaʻahumanu"};

inline constexpr std::array<Place, 28> kPlaces{{
    {"Germany", "Köln"},
    {"Germany", "Berlin"},
    {"France", "Saint-Étienne"},
    {"Spain", "A Coruña"},
    {"Brazil", "São Paulo"},
    {"Poland", "Łódź"},
    {"Türkiye", "İstanbul"},
    {"Greece", "Αθήνα"},
    {"Ukraine", "Київ"},
    {"Egypt", "القاهرة"},
    {"Israel", "תל אביב"},
    {"India", "मुंबई"},
    {"Japan", "東京"},
    {"China", "上海"},
    {"South Korea", "서울"},
    {"Thailand", "กรุงเทพมหานคร"},
    {"Vietnam", "Đà Nẵng"},
    {"Ghana", "Accra"},
    {"Nigeria", "Lagos"},
    {"Côte d'Ivoire", "Abidjan"},
    {"United States", "New York"},
    {"United States", "Coeur d'Alene"},
    {"Canada", "Montréal"},
    {"Mexico", "Mérida"},
    {"Argentina", "Córdoba"},
    {"Ireland", "Dún Laoghaire"},
    {"Iceland", "Reykjavík"},
    {"Australia", "Sydney"},
}};

inline constexpr std::array<std::string_view, 20> kHandles{
    "dance",      "coffee☕", "zoë.paints",  "skate_or_die", "キッチン猫",
    "büchereule", "runner",  "chef.mario",  "el_niño",      "танцы",
    "sunset🌅",    "vinyl",   "plants4life", "dj.łukasz",    "travel",
    "tiny.house", "guitar🎸", "maker",       "rock'n'roll",  "back\\slash"};

inline constexpr std::array<std::string_view, 14> kItems{
    "Wireless earbuds", "Crème brûlée torch", "27\" monitor", "Yoga mat",      "Señorita hot sauce",
    "LED strip (5 m)",  "Phone case",         "抹茶 set",     "Running shoes", "Ring light",
    "Notebook \"A5\"",  "Water bottle",       "Café grinder", "Lipstick N° 5"};

}  // namespace events::publisher::samples
