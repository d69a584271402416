namespace Mlops.Onnx;

/// <summary>What evaluates an ONNX model.</summary>
public enum OnnxEvaluator
{
    /// <summary>ONNX Runtime.</summary>
    Runtime = 0,

    /// <summary>
    /// Code of this package, without the native library: decision trees, linear models and the preparation of features for them, several times faster than
    /// ONNX Runtime. A model with anything else cannot be loaded so.
    /// </summary>
    Managed = 1,

    /// <summary>The faster of the two, as measured when the model is loaded, which takes half a second to a second more; <see cref="Runtime"/> for a model that <see cref="Managed"/> cannot evaluate, or is much slower for, be it for one row or for a batch.</summary>
    Fastest = 2,
}
