#include "reporter/money.hpp"

#include <algorithm>

namespace events::reporter {

using segments::Cents128;

std::string to_json_amount(Cents128 cents) {
    std::string reversed;
    // Digit by digit with its sign: the least number has no counterpart.
    auto rest = cents;
    while (rest != 0 || reversed.size() < 4) {
        const auto digit = static_cast<int>(rest % 10);
        reversed += static_cast<char>('0' + (digit < 0 ? -digit : digit));
        rest /= 10;
        if (reversed.size() == 2) reversed += '.';
    }
    if (cents < 0) reversed += '-';
    std::ranges::reverse(reversed);
    return reversed;
}

std::string average_amount(Cents128 cents, std::int64_t count) {
    auto average = cents / count;
    const auto rest = cents % count;
    if ((rest < 0 ? -rest : rest) >= count - (rest < 0 ? -rest : rest))
        average += cents < 0 ? -1 : 1;
    return to_json_amount(average);
}

}  // namespace events::reporter
