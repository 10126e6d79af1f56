// A few threads that answer requests. They start when there is more work than idle threads and then stay,
// asleep without a time-out: a box that nobody visits has none.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace pigeon::web {

class WorkerPool {
 public:
  explicit WorkerPool(std::size_t max_threads) : max_threads_(max_threads) {}  // no thread yet
  ~WorkerPool() { stop(); }
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // Any thread. `job` must not throw. False: it will not run, because of stop() or because the system has no
  // thread.
  [[nodiscard]] bool submit(std::function<void()> job);
  // Drops jobs not begun, waits for those in hand. One caller at a time.
  void stop();

 private:
  void work();

  const std::size_t max_threads_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> jobs_;
  std::vector<std::thread> threads_;
  std::size_t idle_ = 0;
  bool stopping_ = false;
};

}  // namespace pigeon::web
