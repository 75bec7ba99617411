#include "publisher/event_writer.hpp"

#include "publisher/event_layout.hpp"
#include "publisher/json_append.hpp"
#include "publisher/samples.hpp"

#include <chrono>
#include <cstdint>
#include <string_view>

namespace events::publisher {
namespace {

using std::chrono::milliseconds;

// Shares that decide how the figures of a run look; nothing depends on their exact value.
constexpr double kPurchaseHasAmount = 0.8;  ///< of types with revenue
constexpr double kOtherHasAmount = 0.02;    ///< of types whose amount is no revenue
constexpr double kHasText = 0.5;            ///< of texts that are sometimes null
constexpr std::int64_t kMaxCents = 100'000;
constexpr std::uint64_t kSerials = 10'000'000'000;
constexpr std::int64_t kLongestActionMs = 5'000;

/// Whether the type is named after what the field identifies: an event video.view has a videoId.
bool is_about(const EventType& type, const FieldSpec& field) {
    const auto subject = type.name.substr(0, type.name.find('.'));
    const auto key = field.key();
    return key.size() == subject.size() + 2 && key.starts_with(subject) && key.ends_with("Id");
}

/// One event being written; each function adds a part of it.
class EventWriter {
  public:
    EventWriter(std::string& out, const EventType& type, Timestamp time,
                std::optional<Corruption> corruption, Random& random)
        : out_{out},
          type_{type},
          time_{time},
          corruption_{corruption},
          spoilt_{corruption ? field_to_spoil(*corruption, type) : nullptr},
          random_{random} {}

    std::optional<Cents> write() {
        head();
        out_ += R"(,"data":{)";
        user();
        engagement();
        out_ += '}';
        if (is(Corruption::unknown_field)) {
            out_ += R"(,"unknownField":{"nested":[1,{"deep":null}],"text":"extra"})";
        }
        out_ += '}';
        return revenue_;
    }

  private:
    [[nodiscard]] bool is(Corruption corruption) const { return corruption_ == corruption; }
    /// Whether it has to spoil a field and the source has none for it.
    [[nodiscard]] bool lacks_field_for(Corruption corruption) const {
        return is(corruption) && spoilt_ == nullptr;
    }

    void text(std::string_view before, std::string_view value) {
        out_ += before;
        append_json_string(out_, value);
    }

    /// `before` ends with the quotation mark.
    void uuid(std::string_view before, std::string_view prefix) {
        out_ += before;
        out_ += prefix;
        append_uuid(out_, random_);
        out_ += '"';
    }

    void time(std::string_view before, Timestamp value) {
        out_ += before;
        append_timestamp(out_, value);
        out_ += '"';
    }

    void head() {
        out_ += '{';
        if (!is(Corruption::missing_event_id)) {
            uuid(R"("eventId":")", type_.source.id_prefix());
            out_ += ',';
        }
        if (is(Corruption::bad_timestamp)) {
            out_ += R"("timestamp":"yesterday at noon")";
        } else {
            time(R"("timestamp":")", time_);
        }
        text(R"(,"source":)", type_.source.name());
        text(R"(,"funnelStage":)", is(Corruption::bad_stage) ? "middle" : to_string(type_.stage));
        const bool array = is(Corruption::event_type_array);
        text(array ? R"(,"eventType":[)" : R"(,"eventType":)", type_.name);
        if (array) out_ += ']';
    }

    void user() {
        if (is(Corruption::missing_user) || lacks_field_for(Corruption::missing_name) ||
            lacks_field_for(Corruption::bad_user)) {
            return;
        }
        uuid(R"("user":{"userId":")", "user-");
        if (is(Corruption::missing_name)) {
            fields(user_layout(type_.source, spoilt_));
        } else {
            fields(layouts_of(type_.source).user);
        }
        out_ += "},";
    }

    void engagement() {
        if (lacks_field_for(Corruption::bad_engagement)) {
            if (out_.back() == ',') out_.pop_back();
            return;
        }
        out_ += R"("engagement":{)";
        fields(layouts_of(type_.source).engagement(type_.stage));
        out_ += '}';
    }

    void fields(const EventLayout& layout) {
        for (const auto& [before, field] : layout.parts) {
            out_ += before;
            if (field == spoilt_) {
                out_ += spoilt_value(*field).json;
            } else {
                value(*field);
            }
        }
        out_ += layout.end;
    }

    void value(const FieldSpec& field) {
        switch (field.kind) {
            case FieldKind::text:
                sample(field);
                return;
            case FieldKind::text_or_null:
                is_present(field) ? sample(field) : null();
                return;
            case FieldKind::choice:
                append_json_string(out_, random_.pick(field.choices));
                return;
            case FieldKind::integer:
                integer(field);
                return;
            case FieldKind::time:
                time("\"", time_ - milliseconds{random_.between(0, kLongestActionMs)});
                return;
            case FieldKind::amount_or_null:
                purchase_amount();
                return;
        }
    }

    [[nodiscard]] bool is_present(const FieldSpec& field) {
        switch (field.presence) {
            case Presence::sometimes:
                return is_about(type_, field) || random_.chance(kHasText);
            case Presence::with_revenue:
                return type_.has_revenue;
            case Presence::without_revenue:
                return !type_.has_revenue;
        }
        return false;
    }

    void null() { out_ += "null"; }

    void sample(const FieldSpec& field) {
        switch (field.sample) {
            case Sample::full_name:
                return full_name();
            case Sample::handle:
                return handle();
            case Sample::country:
                place_ = &random_.pick(samples::kPlaces);
                return append_json_string(out_, place_->country);
            case Sample::city:
                if (place_ == nullptr) place_ = &random_.pick(samples::kPlaces);
                return append_json_string(out_, place_->city);
            case Sample::item:
                return append_json_string(out_, random_.pick(samples::kItems));
            case Sample::uuid:
                return uuid("\"", field.prefix);
            case Sample::serial:
                out_ += '"';
                out_ += field.prefix;
                append_integer(out_, random_.below(kSerials));
                out_ += '"';
                return;
            case Sample::any:
            case Sample::magnitude:
                return;  // no text is made of these: source_rules::check_sample()
        }
    }

    void full_name() {
        text_.assign(random_.pick(samples::kGivenNames));
        text_ += ' ';
        text_ += random_.pick(samples::kFamilyNames);
        append_json_string(out_, text_);
    }

    void handle() {
        text_.assign(random_.pick(samples::kHandles));
        text_ += '_';
        append_integer(text_, random_.below(100'000));
        append_json_string(out_, text_);
    }

    void integer(const FieldSpec& field) {
        if (field.sample != Sample::magnitude) {
            append_integer(out_, random_.between(field.range.min, field.range.max));
            return;
        }
        // Most have few, a few have millions.
        std::uint64_t most = 10;
        for (auto magnitude = random_.below(7); magnitude > 0; --magnitude) most *= 10;
        append_integer(out_, random_.below(most));
    }

    void purchase_amount() {
        if (!random_.chance(type_.has_revenue ? kPurchaseHasAmount : kOtherHasAmount)) {
            return null();
        }
        const Cents amount{random_.between(1, kMaxCents)};
        out_ += '"';
        append_amount(out_, amount);
        out_ += '"';
        if (type_.has_revenue) revenue_ = amount;
    }

    std::string& out_;
    const EventType& type_;
    Timestamp time_;
    std::optional<Corruption> corruption_;
    const FieldSpec* spoilt_;  ///< of which the corruption is; it is left out, or its value is bad
    Random& random_;
    const samples::Place* place_ = nullptr;
    std::string text_;
    std::optional<Cents> revenue_;
};

}  // namespace

std::optional<Cents> append_event(std::string& out, const EventType& type, Timestamp time,
                                  std::optional<Corruption> corruption, Random& random) {
    return EventWriter{out, type, time, corruption, random}.write();
}

}  // namespace events::publisher
