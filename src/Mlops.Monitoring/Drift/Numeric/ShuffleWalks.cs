using System.Numerics;
using System.Runtime.InteropServices;
using Mlops.Data;

namespace Mlops.Monitoring;

/// <summary>The walks of F − G over many shuffles, step by step, those of a block side by side in vectors.</summary>
/// <remarks>Which random number a walk takes at a step follows from its place, so that the walks are the same whatever the length of vectors.</remarks>
internal sealed class ShuffleWalks
{
    /// <summary>The number of labels up to which they are drawn one by one.</summary>
    private const long FewDraws = 64;

    /// <summary>The number of walks side by side: what they need stays in the nearest cache. A multiple of every length of vectors.</summary>
    private const int BlockLength = 200;

    /// <summary>What the state grows by from step to step.</summary>
    private const ulong StepIncrement = unchecked(BlockLength * SplitMix64.Increment);

    private readonly double[] _left = new double[BlockLength];
    private readonly double[] _previous = new double[BlockLength];
    private readonly double[] _distance = new double[BlockLength];
    private readonly double[] _normal = new double[BlockLength];
    private readonly ulong[] _places = new ulong[BlockLength];
    private readonly HypergeometricSampler _sampler;
    private readonly double _n;
    private readonly double _m;
    private readonly bool _isSquared;
    private ulong _state;

    private ShuffleWalks(double n, double m, bool isSquared, ulong seed)
    {
        (_n, _m, _isSquared, _state) = (n, m, isSquared, seed);
        _sampler = new HypergeometricSampler(SplitMix64.Mix(~seed));
        for (var i = 0; i < BlockLength; i++) _places[i] = ((ulong)i + 1) * SplitMix64.Increment;
    }

    /// <summary>Simulates distances.</summary>
    /// <param name="steps">The steps of a walk.</param>
    /// <param name="n">The number of reference values.</param>
    /// <param name="m">The number of current values.</param>
    /// <param name="isSquared">Whether the distance is ∫ (F − G)² and not ∫ |F − G|.</param>
    /// <param name="seed">The seed of the shuffles.</param>
    /// <param name="distances">Takes the distances.</param>
    public static void Simulate(ReadOnlySpan<ShuffleStep> steps, double n, double m, bool isSquared, ulong seed, Span<double> distances)
    {
        var walks = new ShuffleWalks(n, m, isSquared, seed);
        for (var start = 0; start < distances.Length; start += BlockLength)
        {
            walks.Walk(steps);
            var block = distances[start..];
            walks._distance.AsSpan(0, Math.Min(BlockLength, block.Length)).CopyTo(block);
        }
    }

    private void Walk(ReadOnlySpan<ShuffleStep> steps)
    {
        Array.Fill(_left, _n);
        Array.Clear(_previous);
        Array.Clear(_distance);
        foreach (ref readonly var step in steps)
        {
            if (step.Deviation > 0) Leap(step);
            else if (step.Remaining == 0) Array.Clear(_left);
            else if (Math.Min(step.Length, step.Remaining) <= FewDraws) DrawOneByOne(step);
            else Draw(step);
            Add(step);
        }
    }

    private void Leap(in ShuffleStep step)
    {
        HypergeometricSampler.FillNormal(_normal, _state);
        _state += StepIncrement;
        Vector<double> kept = new(step.Kept), deviation = new(step.Deviation), remaining = new(step.Remaining);
        var lefts = Vectors(_left);
        var normals = Vectors(_normal);
        for (var v = 0; v < lefts.Length; v++)
            lefts[v] = Vector.Min(Vector.Max((lefts[v] * kept) + (deviation * normals[v]), Vector<double>.Zero), remaining);
    }

    private void DrawOneByOne(in ShuffleStep step)
    {
        // Those not drawn follow the same law.
        var areDrawn = step.Length <= step.Remaining;
        var (draws, total) = (areDrawn ? step.Length : step.Remaining, step.Remaining + step.Length);
        var places = MemoryMarshal.Cast<ulong, Vector<ulong>>(_places.AsSpan());
        var lefts = Vectors(_left);
        for (var v = 0; v < lefts.Length; v++)
        {
            var marked = Vector.Round(lefts[v]);
            var left = marked;
            for (long draw = 0; draw < draws; draw++)
            {
                var place = places[v] + new Vector<ulong>(_state + ((ulong)draw * StepIncrement));
                var isMarked = Vector.LessThan(GetUniform(place) * new Vector<double>(total - draw), left);
                left = Vector.ConditionalSelect(isMarked, left - Vector<double>.One, left);
            }

            lefts[v] = areDrawn ? left : marked - left;
        }

        _state += (ulong)draws * StepIncrement;
    }

    private void Draw(in ShuffleStep step)
    {
        foreach (ref var left in _left.AsSpan())
        {
            left = Math.Round(left);
            left -= _sampler.Next(step.Length, (long)left, step.Remaining + step.Length);
        }
    }

    private void Add(in ShuffleStep step)
    {
        // F − G = (n − left − rank·n/N)·N/(nm) = (remaining·n/N − left)·N/(nm).
        double total = _n + _m;
        Vector<double> expected = new(step.Remaining * (_n / total)), scale = new(total / (_n * _m)), gap = new(step.Gap);
        var lefts = Vectors(_left);
        var previous = Vectors(_previous);
        var distances = Vectors(_distance);
        for (var v = 0; v < lefts.Length; v++)
        {
            var (before, after) = (previous[v], (expected - lefts[v]) * scale);
            distances[v] += gap * (step.Length > 1 ? GetMean(before, after) : _isSquared ? before * before : Vector.Abs(before));
            previous[v] = after;
        }
    }

    /// <summary>Gets the mean of |d| or d² along a straight line from a to b.</summary>
    private Vector<double> GetMean(Vector<double> a, Vector<double> b)
    {
        var product = a * b;
        var squares = (a * a) + (b * b);
        if (_isSquared) return (squares + product) / new Vector<double>(3);
        var sum = Vector.Abs(a) + Vector.Abs(b);
        return Vector.ConditionalSelect(Vector.GreaterThanOrEqual(product, Vector<double>.Zero), sum, squares / sum) * new Vector<double>(0.5);
    }

    /// <summary>Makes numbers of [0, 1), multiples of 2⁻⁵², of the states of <see cref="SplitMix64"/>.</summary>
    private static Vector<double> GetUniform(Vector<ulong> state)
    {
        var bits = SplitMix64.Mix(state) >> 12;
        return Vector.AsVectorDouble(bits | new Vector<ulong>(0x3FF0000000000000)) - Vector<double>.One;
    }

    private static Span<Vector<double>> Vectors(double[] values) => MemoryMarshal.Cast<double, Vector<double>>(values.AsSpan());
}
