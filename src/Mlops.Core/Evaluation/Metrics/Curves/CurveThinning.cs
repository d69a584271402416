namespace Mlops.Evaluation;

/// <summary>Leaves out points of curves that lie close to each other.</summary>
internal static class CurveThinning
{
    /// <summary>Keeps the first point, the last one, and of the others those that each step of equal length along the curve comes to first.</summary>
    /// <typeparam name="T">The type of a point.</typeparam>
    /// <param name="points">The points.</param>
    /// <param name="maximumPoints">The largest number of points, ≥ 2.</param>
    /// <param name="distance">The distance from one point to the next, ≥ 0.</param>
    public static IReadOnlyList<T> Thin<T>(IReadOnlyList<T> points, int maximumPoints, Func<T, T, double> distance)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maximumPoints, 2);
        if (points.Count <= maximumPoints) return points;
        double length = 0;
        for (var i = 1; i < points.Count; i++) length += distance(points[i - 1], points[i]);
        var kept = new List<T>(maximumPoints) { points[0] };
        var step = length / (maximumPoints - 1);
        double passed = 0;
        for (var i = 1; i < points.Count - 1 && kept.Count < maximumPoints - 1; i++)
        {
            passed += distance(points[i - 1], points[i]);
            if (passed >= step * kept.Count) kept.Add(points[i]);
        }

        kept.Add(points[^1]);
        return kept;
    }
}
