// Runs the fuzzing target without libFuzzer, for compilers that don't have it: on every input of the corpus, then on
// changed ones. Usage: program_fuzz <corpus> [changed inputs] [seed]. The corpus has an input a line, in hexadecimal.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "test/fuzz/target.h"

namespace {

using Input = std::vector<uint8_t>;

std::vector<Input> read_corpus(const char* file) {
  std::ifstream lines(file);
  std::vector<Input> corpus;
  for (std::string line; std::getline(lines, line);) {
    Input& input = corpus.emplace_back();
    for (size_t i = 0; i + 1 < line.size(); i += 2)
      input.push_back(static_cast<uint8_t>(std::stoul(line.substr(i, 2), nullptr, 16)));
  }
  return corpus;
}

// A few bytes of an input become others, or its end becomes another input's.
Input change(const std::vector<Input>& corpus, std::mt19937& random) {
  const auto any = [&corpus, &random]() -> const Input& { return corpus[random() % corpus.size()]; };
  Input input = any();
  if (random() % 4 == 0) {
    const Input& other = any();
    input.resize(random() % (input.size() + 1));
    input.insert(input.end(), other.begin() + static_cast<std::ptrdiff_t>(random() % (other.size() + 1)), other.end());
  }
  const size_t changes = 1 + random() % 6;
  for (size_t i = 0; i < changes && !input.empty(); ++i)
    input[random() % input.size()] = static_cast<uint8_t>(random());
  return input;
}

void run(const Input& input) { LLVMFuzzerTestOneInput(input.data(), input.size()); }

}  // namespace

int main(int argc, char** argv) {
  const std::vector<Input> corpus = argc > 1 ? read_corpus(argv[1]) : std::vector<Input>();
  if (corpus.empty()) {
    std::fputs("usage: program_fuzz <corpus> [changed inputs] [seed]\n", stderr);
    return 2;
  }
  const unsigned long changed = argc > 2 ? std::stoul(argv[2]) : 0;
  std::mt19937 random(argc > 3 ? static_cast<uint32_t>(std::stoul(argv[3])) : 1);
  for (const Input& input : corpus) run(input);
  for (unsigned long i = 0; i < changed; ++i) run(change(corpus, random));
  std::printf("%zu inputs of the corpus and %lu changed ones\n", corpus.size(), changed);
  return 0;
}
