using Mlops.Evaluation;

namespace Mlops.Monitoring;

/// <summary>What a test measured, before it is decided upon.</summary>
/// <param name="Symbol">The symbol of the statistic, for people: <c>D</c>.</param>
/// <param name="Statistic">The statistic.</param>
/// <param name="PValue">How likely a statistic at least as large is without drift, 0..1; <see langword="null"/> where the effect alone decides.</param>
/// <param name="Effect">How large the difference is, on the test's scale, whatever the number of values.</param>
/// <param name="CriticalEffect">The effect from which on the p-value is at most the significance, for these counts; <see langword="null"/> where the p-value does not follow the effect, infinity where no effect is certain to be significant.</param>
/// <param name="EffectInterval">Where the true effect lies; <see langword="null"/> where that is not known.</param>
internal readonly record struct DriftMeasurement(string Symbol, double Statistic, double? PValue, double Effect, double? CriticalEffect, ConfidenceInterval? EffectInterval);
