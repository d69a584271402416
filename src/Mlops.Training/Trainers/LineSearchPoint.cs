namespace Mlops.Training;

/// <summary>A point of a line search: how far along, the value, the slope along the line, the parameters and their gradient.</summary>
internal sealed record LineSearchPoint(double Step, double Value, double Slope, double[] Position, double[] Gradient);
