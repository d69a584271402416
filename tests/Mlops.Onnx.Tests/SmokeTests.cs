namespace Mlops.Onnx.Tests;
public sealed class SmokeTests { [Fact] public void A() { var l = OrtLibrary.Load(null, "x"); Assert.Equal("1.30.0", l.Version); Assert.Contains("CPUExecutionProvider", l.GetAvailableProviders()); } }
