namespace Mlops.Training;

/// <summary>What a minimisation has found.</summary>
/// <param name="Parameters">The best parameters found.</param>
/// <param name="Value">Their value.</param>
/// <param name="Iterations">The number of iterations.</param>
/// <param name="HasConverged">Whether the value is finite and the iterations were enough: the tolerance was reached, or nearly so and no digit was left to improve.</param>
/// <param name="HasStalled">Whether the search ended because no digit was left to improve.</param>
internal sealed record LbfgsResult(double[] Parameters, double Value, int Iterations, bool HasConverged, bool HasStalled);
