// The known word that somebody meant. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace pigeon {

// How many letters must be put in, left out, changed or swapped with their neighbour to make `a` into `b`
// (optimal string alignment); octets, any case is different.
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b);

// The one of `known` that is least far from `word`, if it is near enough to be meant: a third of its letters,
// two at least. Hyphens and case are forgiven. The first of several that are equally near.
[[nodiscard]] std::optional<std::string> nearest(std::string_view word, std::span<const std::string> known);

}  // namespace pigeon
