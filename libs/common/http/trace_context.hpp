#pragma once

#include <string>
#include <string_view>

namespace events::http {

/// A place in a trace: the `traceparent` of W3C Trace Context, level 1
/// (www.w3.org/TR/trace-context). Empty for what is not traced: the suite starts no trace of its
/// own accord, except the publisher.
class TraceContext {
  public:
    TraceContext() = default;

    /// What a sender says, e.g. "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"; empty
    /// where it is not well-formed. Of a later version than 00 the part that 00 knows is taken.
    [[nodiscard]] static TraceContext parse(std::string_view traceparent);
    /// The first span of a new trace.
    [[nodiscard]] static TraceContext start();

    /// A new span of the same trace; of nothing, nothing.
    [[nodiscard]] TraceContext continued() const;

    [[nodiscard]] bool empty() const noexcept { return text_.empty(); }
    /// As it is sent on, in version 00; empty when there is none.
    [[nodiscard]] const std::string& traceparent() const noexcept { return text_; }
    /// 32 hexadecimal digits, or empty.
    [[nodiscard]] std::string_view trace_id() const noexcept;
    /// 16 hexadecimal digits, or empty.
    [[nodiscard]] std::string_view span_id() const noexcept;

  private:
    TraceContext(std::string_view trace_id, std::string_view span_id, bool sampled);

    std::string text_;
};

}  // namespace events::http
