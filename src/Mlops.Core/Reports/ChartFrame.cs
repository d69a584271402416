namespace Mlops.Reports;

/// <summary>The space of a drawing, in the units of its coordinates, which are about pixels.</summary>
/// <param name="Name">The class by which the style sheet shows or hides it.</param>
/// <param name="Width">The width.</param>
/// <param name="LineChartHeight">The height of a line chart.</param>
/// <param name="MaximumDateTicks">The largest number of dates that fit below it.</param>
internal sealed record ChartFrame(string Name, int Width, int LineChartHeight, int MaximumDateTicks)
{
    public const double CharacterWidth = 6.6;

    public static ChartFrame Wide { get; } = new("wide", 880, 340, 9);

    public static ChartFrame Narrow { get; } = new("narrow", 360, 270, 4);

    public bool IsNarrow => Width < 600;
}
