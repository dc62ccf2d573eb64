// Measures one kernel, for work on kernels. kHelp tells its command line.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <functional>
#include <string>
#include <vector>

#include "targets/dispatch.h"
#include "test/bench/lenet.h"
#include "test/bench/options.h"
#include "test/bench/work.h"

using namespace convforge;
using namespace convforge::bench;

namespace {

double seconds_of(const std::function<void()>& call, int calls) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point begin = Clock::now();
  for (int i = 0; i < calls; ++i) call();
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

// The number of calls that take at least `seconds`.
int calls_for(double seconds, const std::function<void()>& call) {
  for (int calls = 1;; calls *= 2) {
    const double taken = seconds_of(call, calls);
    if (taken > seconds / 4) return std::max(1, static_cast<int>(calls * seconds / taken));
  }
}

struct Turns {
  std::vector<double> seconds;  // of a call, by turn
  std::vector<double> peaks;    // GFLOP/s, by turn
};

// The peak and the work by turns, so that drift of the machine affects both.
Turns measure(const Options& o, const Work& work, Team& team) {
  std::vector<FmaPeak> peaks(static_cast<size_t>(o.threads));
  for (FmaPeak& peak : peaks) peak.rounds = 100000;  // some 0.2 ms, so that starting the threads doesn't count
  const std::function<void()> peak = [&] {
    team.run(peaks.size(), [&](size_t task, int) { kernels().fma_peak(peaks[task]); });
  };
  const std::function<void()> call = [&] { work.run(team); };
  const double seconds = o.milliseconds * 1e-3;
  const int calls = calls_for(seconds, call);
  const int rounds = calls_for(seconds / 4, peak);
  Turns turns;
  for (int i = 0; i < o.repeats; ++i) {
    turns.peaks.push_back(peaks[0].flops * o.threads * rounds * 1e-9 / seconds_of(peak, rounds));
    turns.seconds.push_back(seconds_of(call, calls) / calls);
  }
  return turns;
}

void print(const char* name, std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const auto at = [&](double share) {
    return values[static_cast<size_t>(share * static_cast<double>(values.size() - 1))];
  };
  std::printf("  %-10s %10.4g   quartiles %.4g .. %.4g\n", name, at(0.5), at(0.25), at(0.75));
}

void report(const Options& o, const Work& work, const Turns& turns) {
  std::string shape = std::to_string(o.input[0]);
  for (size_t i = 1; i < o.input.size(); ++i) shape.append("x").append(std::to_string(o.input[i]));
  std::printf("%s %s, %s: %s on %s, threads: %d, turns: %d\n", o.kind.c_str(), shape.c_str(), o.pass.c_str(),
              work.algorithm.c_str(), kernels().name, o.threads, o.repeats);
  std::vector<double> rates, shares, times;
  for (size_t i = 0; i < turns.seconds.size(); ++i) {
    rates.push_back((work.flops > 0 ? work.flops : work.bytes) * 1e-9 / turns.seconds[i]);
    shares.push_back(rates.back() / turns.peaks[i]);
    times.push_back(turns.seconds[i] * 1e6);
  }
  print(work.flops > 0 ? "GFLOP/s" : "GB/s", rates);
  if (work.flops > 0) {
    print("of peak", shares);
    print("peak", turns.peaks);
  }
  print("us", times);
}

void run(const std::vector<std::string>& arguments) {
  if (arguments.empty() || arguments[0] == "--help") {
    std::fputs(kHelp, stdout);
  } else if (arguments[0] == "lenet") {
    measure_lenet();
  } else {
    const Options options = parse(arguments);
    std::exception_ptr failure;
    lead_team(options.threads, [&](Team& team) {
      try {
        const Work work = make_work(options, team);
        report(options, work, measure(options, work, team));
      } catch (...) {
        failure = std::current_exception();
      }
    });
    if (failure) std::rethrow_exception(failure);
  }
}

}  // namespace

int main(int argc, char** argv) {
  try {
    run({argv + 1, argv + argc});
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 2;
  }
}
