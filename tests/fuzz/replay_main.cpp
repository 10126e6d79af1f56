// Runs a fuzz target without libFuzzer: every file of a corpus folder, then mutations of it that are the same
// on every run, so that a failure repeats. A finding aborts (a sanitizer, or the target itself) with the
// input that caused it printed in hex.
//
//     pdu_fuzz CORPUS-FOLDER [MUTATIONS-PER-FILE]
#include <algorithm>
#include <charconv>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string_view>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
// Of the sanitizers' runtime; absent without one.
extern "C" __attribute__((weak)) void __sanitizer_set_death_callback(void (*callback)());

namespace {

using Input = std::vector<std::uint8_t>;
using Random = std::mt19937;  // fully specified by the standard: the same everywhere

constexpr int kDefaultMutations = 300;
constexpr std::size_t kLongestInput = 4096;

const Input* current_input = nullptr;  // for print_current_input

// Async-signal-unsafe, but the process is lost anyway and the input is worth the attempt.
void print_current_input() {
  if (current_input == nullptr) return;
  std::fputs("input:", stderr);
  for (const std::uint8_t octet : *current_input) std::fprintf(stderr, " %02x", octet);
  std::fputc('\n', stderr);
}

void on_abort(int) {
  print_current_input();
}

std::size_t below(Random& random, std::size_t limit) {
  return random() % limit;
}

void mutate_once(Input& input, const std::vector<Input>& corpus, Random& random) {
  static constexpr std::uint8_t kEdges[] = {0x00, 0x01, 0x7F, 0x80, 0xFF, '\r', '\n', '"', ','};
  const auto at = [&](std::size_t position) { return input.begin() + static_cast<std::ptrdiff_t>(position); };
  if (input.empty()) input.push_back(static_cast<std::uint8_t>(random()));
  const std::size_t position = below(random, input.size());
  switch (below(random, 6)) {
    case 0:
      input[position] ^= static_cast<std::uint8_t>(1u << below(random, 8));
      break;
    case 1:
      input[position] = static_cast<std::uint8_t>(random());
      break;
    case 2:
      input[position] = kEdges[below(random, std::size(kEdges))];
      break;
    case 3:
      input.erase(at(position), at(position + 1 + below(random, input.size() - position)));
      break;
    case 4:
      input.insert(at(position), static_cast<std::uint8_t>(random()));
      break;
    case 5: {  // the head of this one, the tail of another
      const Input& other = corpus[below(random, corpus.size())];
      const auto tail = static_cast<std::ptrdiff_t>(below(random, other.size() + 1));
      input.erase(at(position), input.end());
      input.insert(input.end(), other.begin() + tail, other.end());
      break;
    }
  }
  if (input.size() > kLongestInput) input.resize(kLongestInput);
}

void run(const Input& input) {
  current_input = &input;
  LLVMFuzzerTestOneInput(input.data(), input.size());
  current_input = nullptr;
}

std::vector<Input> read_corpus(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) paths.push_back(entry.path());
  std::ranges::sort(paths);
  std::vector<Input> corpus;
  for (const auto& path : paths) {
    std::ifstream file(path, std::ios::binary);
    corpus.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return corpus;
}

}  // namespace

int main(int argc, char** argv) {
  int mutations = kDefaultMutations;
  const std::string_view count = argc > 2 ? argv[2] : "";
  const bool count_is_bad =
      argc > 2 && std::from_chars(count.data(), count.data() + count.size(), mutations).ec != std::errc();
  if (argc < 2 || argc > 3 || count_is_bad) {
    std::fprintf(stderr, "usage: %s CORPUS-FOLDER [MUTATIONS-PER-FILE]\n", argv[0]);
    return 2;
  }
  const std::vector<Input> corpus = read_corpus(argv[1]);
  if (corpus.empty()) {
    std::fprintf(stderr, "%s: no seeds\n", argv[1]);
    return 1;
  }
  std::signal(SIGABRT, on_abort);
  if (__sanitizer_set_death_callback != nullptr) __sanitizer_set_death_callback(print_current_input);
  Random random(20240229);
  for (const Input& seed : corpus) {
    run(seed);
    for (int i = 0; i < mutations; ++i) {
      Input input = seed;
      for (std::size_t left = 1 + below(random, 4); left > 0; --left) mutate_once(input, corpus, random);
      run(input);
    }
  }
  std::printf("%zu seeds, %d mutations of each\n", corpus.size(), mutations);
  return 0;
}
