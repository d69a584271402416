namespace Mlops.Serving;

/// <summary>The names of what a payload log writes.</summary>
internal static class PayloadFields
{
    public const string Id = "id";
    public const string Row = "row";
    public const string Time = "time";
    public const string EventTime = "event_time";
    public const string Model = "model";
    public const string Version = "version";
    public const string Route = "route";
    public const string Duration = "duration_seconds";
    public const string Error = "error";
    public const string Inputs = "inputs";
    public const string Outputs = "outputs";

    /// <summary>Gets the fields that every line has, in order.</summary>
    public static IReadOnlyList<string> Common { get; } = [Id, Row, Time, EventTime, Model, Version, Route, Duration, Error];
}
