// The threads of worker_pool.h.
#include "web/worker_pool.h"

#include <pthread.h>

#include <system_error>
#include <utility>

namespace pigeon::web {

bool WorkerPool::submit(std::function<void()> job) {
  const std::lock_guard lock(mutex_);
  if (stopping_) return false;
  if (jobs_.size() >= idle_ && threads_.size() < max_threads_) {
    try {
      threads_.emplace_back([this] { work(); });
    } catch (const std::system_error&) {
      if (threads_.empty()) return false;  // otherwise those that there are will come to it
    }
  }
  jobs_.push_back(std::move(job));
  changed_.notify_one();
  return true;
}

void WorkerPool::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    jobs_.clear();
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void WorkerPool::work() {
  ::pthread_setname_np(::pthread_self(), "web/worker");
  std::unique_lock lock(mutex_);
  for (;;) {
    ++idle_;
    changed_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
    --idle_;
    if (jobs_.empty()) return;  // stopping
    const auto job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    job();
    lock.lock();
  }
}

}  // namespace pigeon::web
