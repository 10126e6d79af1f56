// Rows of the table; see cause_words.h.
#include "cli/cause_words.h"

namespace pigeon::cli {

Json cause_as_json(modem::Cause cause) {
  const modem::CauseWords& words = modem::words_of(cause);
  return {{"cause", words.word}, {"means", words.means}, {"cure", words.cure}, {"see", words.section}};
}

std::string cure_of(std::string_view message, std::string_view otherwise) {
  const auto cause = modem::cause_of(message);
  return std::string(cause ? modem::words_of(*cause).cure : otherwise);
}

}  // namespace pigeon::cli
