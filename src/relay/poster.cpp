// Posting; see poster.h. What each thing that happens leads to stands in outcomes.cpp.
#include "relay/poster.h"

#include "pairing/pin_flow.h"
#include "relay/settling.h"
#include "x/same_post.h"

namespace pigeon::relay {
namespace {

constexpr milliseconds kAskFor = std::chrono::minutes(10);  // then the person is told that nobody knows
constexpr long long kTokenDead = 89;                        // X's code
constexpr milliseconds kBelievedAfter = std::chrono::minutes(10);  // of that code
constexpr milliseconds kBeforeIntent = seconds(5);                 // clocks differ a little

bool in_doubt(const store::Post& post) {
  return post.state == store::PostState::sending;
}

// Looks in vain that show that a post is not out.
int looks_needed(store::Doubt doubt) {
  return doubt == store::Doubt::answered ? 1 : 2;
}

Happened happened(pairing::TryLater::Why why) {
  switch (why) {
    case pairing::TryLater::Why::unreachable:
      return Happened::token_unreachable;
    case pairing::TryLater::Why::unavailable:
      return Happened::token_unavailable;
    case pairing::TryLater::Why::client_rejected:
      return Happened::client_rejected;
    case pairing::TryLater::Why::locked_key:
      return Happened::token_locked;
    case pairing::TryLater::Why::storage:
    case pairing::TryLater::Why::stopping:
      break;
  }
  return Happened::not_now;
}

// What it means for a post that may be out that there is no token to ask X with.
Happened without_a_look(Happened happened) {
  if (happened == Happened::link_ended) return Happened::unasked;
  if (happened == Happened::gone) return Happened::stopped_unasked;
  if (happened == Happened::not_let_in) return Happened::not_answered;
  return happened;
}

bool is_refusal(const x::XError& error) {
  return error.problem == x::Problem::unauthorized;
}

x::Authoriser authoriser(const Office& office, const pairing::Bearer& bearer) {
  if (!bearer.signs()) return bearer.access_token;
  return pairing::signer(office.pairing, bearer.access_token, bearer.token_secret);
}

}  // namespace

Poster::Poster(const Office& office, x::XClient& x) : office_(office), x_(x) {}

void Poster::work(const store::Job& job) {
  const UtcTime now = office_.store.time.now();
  const auto post = office_.store.posts.find(job.subject);
  const auto message = post ? office_.store.inbox.find(post->message_id) : std::nullopt;
  const auto phone = PhoneNumber::parse(post ? post->phone : "");
  if (!message || !phone || message->ending) {
    auto transaction = office_.store.begin();
    if (post && (post->state == store::PostState::planned || in_doubt(*post)))  // it was in hand at STOP
      office_.store.posts.end(transaction, post->id,
                              in_doubt(*post) ? store::PostState::unclear : store::PostState::refused, "",
                              now);
    office_.store.jobs.done(transaction, job);
    transaction.commit();
    return;
  }
  if (in_doubt(*post) && post->doubt == store::Doubt::none) {
    settle(office_, job, *message, post, Happened::interrupted, {}, now);
    return;
  }
  if (in_doubt(*post) && now - post->doubt_since >= kAskFor) {
    settle(office_, job, *message, post, Happened::never_known, {}, now);
    return;
  }
  if (const auto gate = in_the_way(job, *post, *phone, now)) {
    wait_at(office_, *gate, job, *message, post, now);
    return;
  }
  Try result = attempt(*post, *phone);
  if (in_doubt(*post)) result.happened = without_a_look(result.happened);
  settle(office_, job, *message, post, result.happened, result.told, office_.store.time.now());
}

// The first closed gate that this job must not try. A text that was a probe in vain often enough tries by
// itself; a question about one that may be out costs no post.
std::optional<Gate> Poster::in_the_way(const store::Job& job, const store::Post& post,
                                       const PhoneNumber& phone, UtcTime now) const {
  if (job.probes >= kMaxProbes) return std::nullopt;
  for (const Gate gate : {Gate::credits, Gate::app_limit, Gate::api, Gate::keys}) {
    const bool concerns = gate == Gate::api || !in_doubt(post);
    if (concerns && !office_.gates.may_pass(gate, job.id)) return gate;
  }
  const bool may_refresh = office_.gates.may_pass(Gate::token_endpoint, job.id);
  if (!may_refresh && !office_.store.accounts.bearer_valid(phone, now)) return Gate::token_endpoint;
  return std::nullopt;
}

Poster::Try Poster::attempt(const store::Post& post, const PhoneNumber& phone) {
  pairing::TokenOutcome token = office_.tokens.bearer(x_.http(), phone, office_.store.time.now());
  for (int round = 0;; ++round) {
    if (const auto* again = std::get_if<pairing::LinkAgain>(&token)) {
      const bool gone = !office_.store.accounts.user_exists(phone);
      return {gone ? Happened::gone : Happened::link_ended, {.detail = {}, .grant = again->grant}};
    }
    if (const auto* later = std::get_if<pairing::TryLater>(&token))
      return {happened(later->why), {.detail = {}, .retry_at = later->retry_at}};
    came_through(office_, Gate::token_endpoint, office_.store.time.now());
    const pairing::Bearer bearer = std::get<pairing::Bearer>(token);
    Try result = in_doubt(post) ? look(post, bearer) : send(post, phone, bearer);
    if (result.happened != Happened::not_let_in || round > 0 || bearer.signs()) return result;
    if (!in_doubt(post)) {  // X did not let it in
      auto transaction = office_.store.begin();
      office_.store.posts.not_out(transaction, post.id);
      transaction.commit();
    }
    token = office_.tokens.refreshed(x_.http(), phone, bearer.access_token, office_.store.time.now());
  }
}

Poster::Try Poster::send(const store::Post& post, const PhoneNumber& phone, const pairing::Bearer& bearer) {
  office_.store.begin_post(post.id, bearer.x_user_id, office_.store.time.now());
  const auto result = x_.post(authoriser(office_, bearer), post.text);
  if (bearer.signs() && bearer.refused_at && (result || !is_refusal(result.error()))) {
    auto transaction = office_.store.begin();
    office_.store.accounts.forget_refusal(transaction, phone, bearer.grant);
    transaction.commit_for_later();
  }
  if (result) return {Happened::posted, {.detail = {}, .grant = bearer.grant, .network_id = result->id}};
  const x::XError& error = result.error();
  if (bearer.signs() && is_refusal(error)) return doubted(phone, bearer, error);
  return {happened(error, post.doubts > 0),
          {.detail = error.detail, .retry_at = error.retry_at, .grant = bearer.grant}};
}

// X knows no other end of a token of OAuth 1.0a than code 89, and has been seen to answer it by mistake: only
// twice, ten minutes apart, is it believed. Any other 401 is about our keys or clock.
Poster::Try Poster::doubted(const PhoneNumber& phone, const pairing::Bearer& bearer, const x::XError& error) {
  const UtcTime now = office_.store.time.now();
  if (error.code != kTokenDead) return {Happened::perhaps_ended, {.detail = error.detail}};
  auto transaction = office_.store.begin();
  const auto since = office_.store.accounts.note_refusal(transaction, phone, bearer.grant, now);
  transaction.commit();
  if (since && now - *since < kBelievedAfter)
    return {Happened::perhaps_ended, {.detail = error.detail, .retry_at = *since + kBelievedAfter}};
  return {Happened::link_ended, {.detail = error.detail, .grant = bearer.grant}};
}

// Asks X what it shows of this person since the intent.
Poster::Try Poster::look(const store::Post& post, const pairing::Bearer& bearer) {
  const auto shown = x_.own_posts(authoriser(office_, bearer), bearer.x_user_id,
                                  office_.store.time.now() - post.begun_at + kBeforeIntent);
  if (!shown) {
    return {is_refusal(shown.error()) ? Happened::not_let_in : Happened::not_answered,
            {.detail = shown.error().detail, .grant = bearer.grant}};
  }
  for (const x::OwnPost& other : *shown) {
    if (x::same_post(post.text, other) && !office_.store.posts.holds(other.id))
      return {Happened::found, {.detail = {}, .grant = bearer.grant, .network_id = other.id}};
  }
  if (post.looks + 1 < looks_needed(post.doubt)) return {Happened::not_shown};
  if (post.doubt == store::Doubt::duplicate)
    return {office_.store.posts.said_before(post) ? Happened::duplicate : Happened::never_known};
  return {Happened::not_out};
}

}  // namespace pigeon::relay
